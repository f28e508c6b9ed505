extension Page {
    /// Script that lists buckets and objects, uploads files and deletes objects.
    static let objectsScript = #"""
        const place = { bucket: null, prefix: "", after: null, counted: null };

        /* The address names the bucket and the folder, so that the browser's history works. */
        function readAddress() {
          const parts = location.hash.slice(1).split("/").map(decode);
          const bucket = parts.shift();
          if (bucket === "requests" || bucket === "") return;
          Object.assign(place, { bucket, prefix: parts.join("/") });
        }
        function decode(text) { try { return decodeURIComponent(text); } catch { return text; } }
        function open(bucket, prefix = "") {
          const address = "#" + [bucket, ...prefix.split("/")].map(encodeURIComponent).join("/");
          if (location.hash === address) { Object.assign(place, { bucket, prefix }); list(); } else location.hash = address;
        }
        addEventListener("hashchange", () => { readAddress(); list(); });

        function showBuckets(changes) {
          const select = find("bucket");
          const names = changes.buckets.map(bucket => bucket.name);
          const shown = [...select.options].map(option => option.value);
          if (names.join() !== shown.join()) {
            select.replaceChildren(...names.map(name => make("option", { value: name }, name)));
          }
          select.disabled = names.length === 0;
          find("upload").disabled = names.length === 0;
          if (!names.includes(place.bucket)) Object.assign(place, { bucket: names[0] ?? null, prefix: "", counted: null });
          if (place.bucket !== null && select.value !== place.bucket) select.value = place.bucket;

          // A write by any client changes the number of objects or appears in the log.
          const count = changes.buckets.find(bucket => bucket.name === place.bucket)?.objects ?? null;
          const isWritten = changes.requests.some(request => request.bucket === place.bucket && request.isFinished
            && !["GET", "HEAD", "OPTIONS"].includes(request.method));
          if (place.counted === count && !isWritten && count !== null) return;
          place.counted = count;
          list();
        }
        listeners.push(showBuckets);

        let listing = 0;
        async function list(after = null) {
          const current = ++listing;
          const { bucket, prefix } = place;
          showCrumbs();
          if (bucket === null) {
            showEntries([], [], null, "There are no buckets yet.");
            return;
          }
          const parameters = after === null ? { bucket, prefix } : { bucket, prefix, after };
          try {
            const page = await control("GET", `objects?${query(parameters)}`);
            // A later call has replaced this one.
            if (current !== listing) return;
            showEntries(page.folders, page.objects, page.next ?? null,
              server.isReadOnly ? "No objects here." : "No objects here. Upload files, or drop them here.", after !== null);
          } catch (error) {
            if (current === listing) showEntries([], [], null, error.message);
          }
        }

        function showCrumbs() {
          const { bucket, prefix } = place;
          const crumbs = find("crumbs");
          if (bucket === null) { crumbs.replaceChildren(); return; }
          const folders = prefix.split("/").slice(0, -1);
          const links = [bucket, ...folders].map((name, index) => {
            const isLast = index === folders.length;
            const target = folders.slice(0, index).map(folder => folder + "/").join("");
            return make("button", { type: "button", class: "link", "aria-current": isLast ? "location" : null,
              onclick: () => open(bucket, target) }, visible(name) || "(empty)");
          });
          crumbs.replaceChildren(...links.flatMap((link, index) => index === 0 ? [link] : [" / ", link]));
        }

        function showEntries(folders, objects, next, note, isMore = false) {
          const rows = [
            ...folders.map(folder => make("tr", {}, make("td", { class: "key" },
              make("button", { type: "button", class: "link folder", "data-key": folder,
                onclick: () => open(place.bucket, folder) }, visible(folder.slice(place.prefix.length)))),
              make("td"), make("td"), make("td"))),
            ...objects.map(object => {
              const name = visible(object.key.slice(place.prefix.length)) || "(the folder itself)";
              return make("tr", {}, make("td", { class: "key" },
                make("button", { type: "button", class: "link object", "data-key": object.key,
                  onclick: () => preview(object.key) }, name)),
                make("td", { class: "number" }, size(object.size)),
                make("td", { class: "time" }, day(object.lastModified)),
                make("td", { class: "actions" },
                  make("button", { type: "button", class: "quiet small", "aria-label": `Download ${name}`,
                    onclick: () => download(object.key) }, "Download"),
                  make("button", { type: "button", class: "quiet small danger change", "aria-label": `Delete ${name}`,
                    onclick: () => remove(object.key) }, "Delete")));
            }),
          ];
          const body = find("entries");
          const focused = body.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
          if (isMore) body.append(...rows); else body.replaceChildren(...rows);
          if (focused !== undefined) {
            [...body.querySelectorAll("button")].find(button => button.dataset.key === focused)?.focus();
          }
          place.after = next;
          find("more").hidden = next === null;
          find("no-entries").hidden = body.childElementCount > 0;
          find("no-entries").textContent = note;
        }

        find("bucket").addEventListener("change", event => open(event.target.value));
        find("refresh").addEventListener("click", () => { wake(); list(); });
        find("more").addEventListener("click", () => list(place.after));
        find("new-bucket").addEventListener("click", async () => {
          const name = await ask("Create a bucket. Its name consists of 3–63 lowercase letters, digits and hyphens.",
            "Create bucket", "");
          if (!name) return;
          try { await send("PUT", name); open(name); } catch (error) { tell(`${name} was not created: ${error.message}`, "bad"); }
        });

        find("upload").addEventListener("click", () => find("files").click());
        find("files").addEventListener("change", event => { upload([...event.target.files]); event.target.value = ""; });
        const area = find("objects");
        for (const name of ["dragover", "dragleave", "drop"]) area.addEventListener(name, event => {
          if (server.isReadOnly || place.bucket === null || !event.dataTransfer.types.includes("Files")) return;
          event.preventDefault();
          area.classList.toggle("over", name === "dragover");
          if (name === "drop") upload([...event.dataTransfer.files]);
        });

        async function upload(files) {
          const { bucket, prefix } = place;
          for (const file of files) {
            const bar = make("progress", { max: file.size || 1, value: 0, "aria-label": `Upload of ${file.name}` });
            const row = make("li", {}, make("span", { class: "key" }, visible(prefix + file.name)), bar);
            find("uploads").append(row);
            try {
              await send("PUT", bucket, prefix + file.name, {
                body: file, headers: { "Content-Type": file.type || "application/octet-stream" },
                progress: loaded => { bar.value = loaded; },
              });
              row.remove();
              tell(`Uploaded ${visible(file.name)}.`, "good");
            } catch (error) {
              bar.replaceWith(make("span", { class: "failed" }, `failed: ${error.message}`),
                make("button", { type: "button", class: "quiet small", onclick: () => { row.remove(); upload([file]); } },
                  "Try again"),
                make("button", { type: "button", class: "quiet small", onclick: () => row.remove() }, "Dismiss"));
            }
          }
          list();
        }

        async function remove(key) {
          if (!await ask(`Delete ${visible(key)}?`, "Delete")) return false;
          try {
            await send("DELETE", place.bucket, key);
            tell(`Deleted ${visible(key)}.`);
          } catch (error) { tell(`${visible(key)} was not deleted: ${error.message}`, "bad"); return false; }
          list();
          return true;
        }

        """#
}

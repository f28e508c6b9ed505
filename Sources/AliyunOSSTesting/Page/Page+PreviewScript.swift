extension Page {
    /// Script that shows and downloads an object.
    static let previewScript = #"""
        const pictures = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/svg+xml", "image/bmp"];
        const longestText = 64 * 1024, longestPicture = 8 << 20;
        const shown = { key: null, url: null };

        async function preview(key) {
          const { bucket } = place;
          try {
            const object = await control("GET", `object?${query({ bucket, key })}`);
            const type = object.contentType.split(";")[0].trim().toLowerCase();
            const isPicture = pictures.includes(type) && object.size <= longestPicture;
            const limit = isPicture ? longestPicture : longestText;
            const response = await fetch(`/-/content?${query({ bucket, key, limit })}`);
            if (!response.ok) throw new Error((await response.json()).error);
            const bytes = new Uint8Array(await response.arrayBuffer());
            find("preview-title").textContent = visible(key);
            find("preview-content").replaceChildren(...content(object, bytes, isPicture ? type : null));
            find("preview-properties").replaceChildren(...properties(object));
            find("preview-properties").className = "pairs";
            shown.key = key;
            if (!find("preview").open) find("preview").showModal();
          } catch (error) { tell(error.message, "bad"); }
        }

        function content(object, bytes, pictureType) {
          release();
          if (object.size === 0) return [make("p", { class: "note" }, "The object is empty.")];
          if (pictureType) {
            // In an image element, a picture cannot run scripts, even if it is an SVG.
            shown.url = URL.createObjectURL(new Blob([bytes], { type: pictureType }));
            return [make("img", { src: shown.url, alt: `Content of ${visible(object.key)}` })];
          }
          const isCut = bytes.length < object.size;
          const note = isCut ? `The first ${size(bytes.length)} of ${size(object.size)}.` : null;
          const text = decodeText(bytes, isCut);
          return [make("pre", { tabindex: 0 }, text === null ? hexadecimal(bytes.subarray(0, 512)) : text),
            make("p", { class: "note" }, [text === null ? "Not a text; the first bytes are shown." : null, note]
              .filter(Boolean).join(" "))];
        }
        function release() {
          if (shown.url) URL.revokeObjectURL(shown.url);
          shown.url = null;
        }

        /* Returns the text, or null if the bytes are not UTF-8 or contain control characters. */
        function decodeText(bytes, isCut) {
          try {
            const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: isCut });
            return /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(text) ? null : text;
          } catch { return null; }
        }
        function hexadecimal(bytes) {
          const lines = [];
          for (let start = 0; start < bytes.length; start += 16) {
            const part = [...bytes.subarray(start, start + 16)];
            const digits = part.map(byte => byte.toString(16).padStart(2, "0")).join(" ").padEnd(47);
            const text = part.map(byte => byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".").join("");
            lines.push(`${start.toString(16).padStart(6, "0")}  ${digits}  ${text}`);
          }
          return lines.join("\n");
        }

        const pair = ([name, value]) => [make("dt", {}, visible(name)), make("dd", {}, visible(`${value}`))];
        function properties(object) {
          const list = [
            ["Size", `${size(object.size)} (${number(object.size)} bytes)`], ["Content-Type", object.contentType],
            ["Last-Modified", day(object.lastModified)], ["ETag", object.eTag], ["CRC-64", object.crc64],
            ["Type", object.type], ["Storage class", object.storageClass], ["ACL", object.acl],
            ["Version", object.versionID], ["Symlink to", object.symlinkTarget], ["Tags", object.tagging],
            ...Object.entries(object.headers).filter(([name]) => name !== "content-type").sort(),
          ];
          return list.filter(([, value]) => value != null && value !== "").flatMap(pair);
        }

        async function download(key) {
          try {
            const link = make("a", { href: await presign("GET", place.bucket, key), download: key.split("/").pop() || "object" });
            link.click();
          } catch (error) { tell(error.message, "bad"); }
        }

        find("preview-close").addEventListener("click", () => find("preview").close());
        find("preview-download").addEventListener("click", () => download(shown.key));
        find("preview-delete").addEventListener("click", async () => {
          if (await remove(shown.key)) find("preview").close();
        });
        find("preview").addEventListener("close", release);

        """#
}

extension Page {
    /// Script that follows the server and contains the functions that the other scripts share.
    static let coreScript = #"""
        const find = id => document.getElementById(id);
        const listeners = [];            // called with each response of /-/changes
        const server = { run: null, next: 0, isReadOnly: false, buckets: [] };

        /* Creates an element. Text becomes text nodes, never markup: keys and headers are chosen by others. */
        function make(tag, properties = {}, ...children) {
          const element = document.createElement(tag);
          for (const [name, value] of Object.entries(properties)) {
            if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
            else if (name === "class") element.className = value;
            else if (value === true) element.setAttribute(name, "");
            else if (value !== false && value != null) element.setAttribute(name, value);
          }
          element.append(...children.filter(child => child != null));
          return element;
        }
        const set = (element, text) => { if (element.textContent !== text) element.textContent = text; };

        function size(bytes) {
          if (bytes < 1000) return `${bytes} B`;
          const units = ["kB", "MB", "GB", "TB"];
          let value = bytes, unit = -1;
          while (value >= 999.5 && unit < units.length - 1) { value /= 1000; unit += 1; }
          return `${value < 9.995 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
        }
        const number = value => value.toLocaleString("en");
        const time = date => new Date(date).toLocaleTimeString("en-GB");
        const day = date => new Date(date).toLocaleString("sv-SE").slice(0, 16);
        /* Shows characters that would be invisible or reorder the text. */
        const visible = text => text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
          character => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

        function tell(text, kind = "info") {
          const message = make("p", { class: kind }, text);
          find("messages").append(message);
          setTimeout(() => message.remove(), kind === "bad" ? 9000 : 4000);
        }

        /* Asks a question. Returns the text of the field, true if there is no field, or null if it was cancelled. */
        function ask(text, action, field = null) {
          const dialog = find("question");
          find("question-text").textContent = text;
          find("confirm").textContent = action;
          find("answer-field").hidden = field === null;
          find("answer-text").value = field ?? "";
          find("answer-text").required = field !== null;
          dialog.returnValue = "";
          dialog.showModal();
          (field === null ? find("cancel") : find("answer-text")).focus();
          return new Promise(resolve => dialog.addEventListener("close", () => {
            resolve(dialog.returnValue !== "confirm" ? null : field === null ? true : find("answer-text").value);
          }, { once: true }));
        }
        find("confirm").value = "confirm";
        find("cancel").addEventListener("click", () => find("question").close());

        /* Calls an endpoint under /-/, which leaves no trace in the log. */
        async function control(method, path, document) {
          const response = await fetch(`/-/${path}`, {
            method, body: document === undefined ? undefined : JSON.stringify(document),
          });
          const result = await response.json();
          if (!response.ok) throw new Error(result.error);
          return result;
        }
        const query = parameters => new URLSearchParams(parameters).toString();

        /* Returns the target of a request to the service, signed if the server verifies signatures. */
        async function presign(method, bucket, key, headers = {}) {
          return (await control("POST", "presign", { method, bucket, key, headers })).target;
        }
        const problem = (status, body) => {
          const code = /<Code>([^<]*)<\/Code>/.exec(body);
          return status === 0 ? "no response" : `${status} ${code ? code[1] : ""}`.trim();
        };

        /* Sends a request to the service, like any other client: it is logged, and faults apply to it. */
        function send(method, bucket, key, { body = null, headers = {}, progress = null } = {}) {
          return presign(method, bucket, key, headers).then(target => new Promise((resolve, reject) => {
            const request = new XMLHttpRequest();
            request.open(method, target);
            for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
            if (progress) request.upload.onprogress = event => progress(event.loaded, event.total);
            request.onload = () => {
              if (request.status >= 200 && request.status < 300) resolve(request);
              else reject(new Error(problem(request.status, request.responseText)));
            };
            request.onerror = () => reject(new Error(problem(0, "")));
            request.send(body);
          })).finally(wake);
        }

        let wake = () => {};
        const pause = milliseconds => new Promise(resolve => {
          const timer = setTimeout(resolve, milliseconds);
          wake = () => { clearTimeout(timer); resolve(); };
        });

        async function follow() {
          for (let failures = 0;;) {
            try {
              const changes = await control("GET", `changes?after=${server.next}`);
              if (server.run !== null && server.run !== changes.run) { location.reload(); return; }
              Object.assign(server, changes);
              show(changes);
              failures = 0;
            } catch (error) {
              failures += 1;
              const connection = find("connection");
              connection.className = "connection lost";
              set(connection, "Not connected");
              if (!(error instanceof TypeError)) console.error(error);
            }
            await pause(Math.min(1000 * 2 ** Math.max(0, failures - 1), 10000));
            while (document.hidden) await new Promise(resolve =>
              document.addEventListener("visibilitychange", resolve, { once: true }));
          }
        }

        function show(changes) {
          const connection = find("connection");
          connection.className = "connection live";
          set(connection, changes.isReadOnly ? "Live, read-only" : "Live");
          document.body.classList.toggle("read-only", changes.isReadOnly);
          set(find("place"), location.host);
          set(find("region"), changes.region);
          set(find("keys"), changes.verifiesSignatures ? "verifies signatures" : "accepts unsigned requests");
          for (const cell of find("statistics").querySelectorAll("dd")) {
            const { count, bytes } = cell.dataset;
            set(cell, count ? number(changes.statistics[count]) : size(changes.statistics[bytes]));
          }
          for (const listener of listeners) listener(changes);
        }

        find("reset").addEventListener("click", async () => {
          const text = "Remove all objects, faults and canned responses, all buckets that were not created at startup, "
            + "and the log?";
          if (!await ask(text, "Reset the server")) return;
          try { await control("POST", "reset"); tell("The server was reset."); } catch (error) { tell(error.message, "bad"); }
          wake();
          list();
        });

        """#
}

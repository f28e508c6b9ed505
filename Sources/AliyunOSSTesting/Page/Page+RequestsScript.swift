extension Page {
    /// Script that shows the request log.
    static let requestsScript = #"""
        const longestLog = 500;
        const log = new Map();           // request and row by position, oldest first
        const view = { isPaused: false, waiting: [] };

        function showRequests({ requests, oldest }) {
          if (view.isPaused) { view.waiting.push({ requests, oldest }); if (view.waiting.length > longestLog) view.waiting.shift(); }
          else update(requests, oldest);
          set(find("shown"), view.isPaused ? "paused" : "");
        }
        listeners.push(showRequests);

        function update(requests, oldest) {
          for (const position of [...log.keys()]) if (position < oldest) drop(position);
          for (const request of requests) {
            const known = log.get(request.position);
            if (known) { Object.assign(known.request, request); fill(known); continue; }
            const entry = makeEntry(request);
            log.set(request.position, entry);
            find("log").prepend(entry.row);
          }
          for (const position of log.keys()) { if (log.size <= longestLog) break; drop(position); }
          find("no-requests").hidden = log.size > 0;
        }
        function drop(position) {
          const entry = log.get(position);
          entry.row.remove();
          entry.details?.remove();
          log.delete(position);
        }

        function makeEntry(request) {
          const entry = { request, details: null };
          entry.button = make("button", { type: "button", class: "link", "aria-expanded": "false",
            onclick: () => toggle(entry) });
          entry.cells = Object.fromEntries(["number", "time", "operation", "object", "body", "signature", "faults", "status"]
            .map(name => [name, make("td", { class: ["number", "body"].includes(name) ? "number" : name })]));
          entry.row = make("tr", { "data-position": request.position }, ...Object.values(entry.cells));
          const { cells } = entry;
          entry.button.append(request.operation);
          cells.operation.append(entry.button, " ", make("span", { class: "method" }, request.method));
          set(cells.number, number(request.number));
          set(cells.time, time(request.date));
          cells.object.classList.add("key");
          if (request.bucket !== undefined) cells.object.append(make("span", { class: "bucket" },
            visible(request.bucket) + (request.key === undefined ? "" : "/")), visible(request.key ?? ""));
          fill(entry);
          return entry;
        }

        const badge = (text, kind, title = null) => make("span", { class: `badge ${kind}`, title }, text);
        function fill(entry) {
          const { request, cells } = entry;
          set(cells.body, request.bodyLength > 0 ? size(request.bodyLength) : "");
          cells.signature.replaceChildren(verdict(request.signature));
          cells.faults.replaceChildren(...request.faults.map(name => badge(name, "warn")));
          cells.status.replaceChildren(status(request));
          if (entry.details) entry.details.replaceWith(entry.details = makeDetails(request));
          applyFilter(entry);
        }
        function verdict({ outcome, scheme, accessKeyID, errorCode, message }) {
          if (outcome === "valid") return badge(`✓ ${scheme}`, "good", `Valid signature of ${accessKeyID}`);
          if (outcome === "invalid") return badge(`✗ ${errorCode}`, "bad", `${scheme ?? "Signature"}: ${message}`);
          return outcome === "unsigned" ? badge("unsigned", "") : badge(`${scheme}, not verified`, "");
        }
        function status(request) {
          if (request.status === 0) {
            return request.isFinished ? badge("no response", "bad") : badge("in progress", "info");
          }
          return badge(`${request.status}`, request.status < 300 ? "good" : request.status < 400 ? "info" : "bad");
        }

        function toggle(entry) {
          if (entry.details) { entry.details.remove(); entry.details = null; }
          else { entry.details = makeDetails(entry.request); entry.row.after(entry.details); }
          entry.button.setAttribute("aria-expanded", entry.details !== null);
        }
        function makeDetails(request) {
          const { signature } = request;
          const list = [
            ["Target", `${request.method} ${request.target}`], ["Request ID", request.requestID],
            ["Signature", [signature.outcome, signature.scheme, signature.accessKeyID, signature.errorCode, signature.message]
              .filter(Boolean).join(", ")],
            ["Connection", request.connection],
            ...Object.entries(request.headers).sort(),
          ];
          return make("tr", { class: "details" }, make("td", { colspan: 8 },
            make("dl", { class: "pairs" }, ...list.flatMap(pair))));
        }

        function applyFilter(entry) {
          const { request } = entry;
          const words = find("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
          const text = [request.method, request.operation, request.bucket, request.key, request.status, request.requestID,
            request.signature.outcome, request.signature.scheme, request.signature.errorCode, ...request.faults]
            .join(" ").toLowerCase();
          const isFailure = request.status >= 400 || request.isFinished && request.status === 0
            || request.signature.outcome === "invalid";
          const isShown = words.every(word => text.includes(word)) && (isFailure || !find("only-failures").checked);
          entry.row.hidden = !isShown;
          if (entry.details) entry.details.hidden = !isShown;
        }
        const applyFilters = () => { for (const entry of log.values()) applyFilter(entry); };
        find("filter").addEventListener("input", applyFilters);
        find("only-failures").addEventListener("change", applyFilters);
        find("pause").addEventListener("click", () => {
          view.isPaused = !view.isPaused;
          find("pause").setAttribute("aria-pressed", view.isPaused);
          set(find("pause"), view.isPaused ? "Continue" : "Pause");
          if (view.isPaused) return;
          for (const { requests, oldest } of view.waiting.splice(0)) update(requests, oldest);
          set(find("shown"), "");
        });

        readAddress();
        follow();

        """#
}

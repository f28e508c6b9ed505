extension Page {
    /// Script that adds faults, switches them on and off and shows their counts.
    static let faultsScript = #"""
        const presets = [
          ["503 ServiceUnavailable", { action: "respond", status: 503, code: "ServiceUnavailable" }],
          ["503 ServerBusy (throttling)", { action: "respond", status: 503, code: "ServerBusy" }],
          ["500 InternalError", { action: "respond", status: 500, code: "InternalError" }],
          ["403 AccessDenied", { action: "respond", status: 403, code: "AccessDenied" }],
          ["404 NoSuchKey", { action: "respond", status: 404, code: "NoSuchKey" }],
          ["Error with status 200", { action: "errorInSuccess", code: "InternalError" }],
          ["Delay of 2 seconds", { action: "delay", milliseconds: 2000 }],
          ["Connection reset before the body", { action: "closeBeforeReading", closing: "reset" }],
          ["Lost response: performed, then closed", { action: "closeAfterApplying" }],
          ["No response", { action: "neverRespond" }],
          ["Truncated response body", { action: "truncateBody", bytes: 1 }],
          ["Corrupted response body", { action: "corruptBody", offset: 0 }],
          ["Slow response body (10 kB/s)", { action: "throttleBody", bytesPerSecond: 10000 }],
          ["Stalled response body (5 s)", { action: "stallBody", bytes: 1, milliseconds: 5000 }],
          ["Entire object for a range", { action: "ignoreRange" }],
          ["Listing with a repeated item", { action: "listing", kind: "duplicated" }],
        ];
        const operations = ["AbortMultipartUpload", "AppendObject", "CompleteMultipartUpload", "CopyObject", "DeleteObject",
          "DeleteMultipleObjects", "GetObject", "GetObjectMeta", "HeadObject", "InitiateMultipartUpload", "ListBuckets",
          "ListObjects", "ListObjectsV2", "ListParts", "PostObject", "PutObject", "UploadPart", "UploadPartCopy"];
        find("preset").append(...presets.map(([name], index) => make("option", { value: index }, name)));
        find("operations").append(...operations.map(name => make("option", { value: name })));

        function compose() {
          const fault = { ...presets[find("preset").value][1] };
          const [operation, key, times] = ["operation", "key", "times"].map(name => find(`fault-${name}`).value);
          if (operation.trim()) fault.operation = operation.trim();
          if (key) fault.key = key;
          fault.times = Number(times) || 0;
          find("fault-json").value = JSON.stringify(fault, null, 1).replace(/\n */g, " ");
        }
        for (const name of ["preset", "fault-operation", "fault-key", "fault-times"]) find(name).addEventListener("input", compose);
        compose();

        find("add-fault").addEventListener("submit", async event => {
          event.preventDefault();
          try {
            await control("POST", "faults", JSON.parse(find("fault-json").value));
          } catch (error) { tell(`The fault was not added: ${error.message}`, "bad"); }
          wake();
        });
        find("remove-faults").addEventListener("click", async () => {
          if (!await ask("Remove all faults and their counts?", "Remove all")) return;
          await change("DELETE", "faults");
        });
        async function change(method, path, document) {
          try { await control(method, path, document); } catch (error) { tell(error.message, "bad"); }
          wake();
        }

        const faultRows = new Map();
        function showFaults({ faults, isReadOnly }) {
          const ids = new Set(faults.map(fault => fault.id));
          for (const [id, row] of faultRows) if (!ids.has(id)) { row.item.remove(); faultRows.delete(id); }
          for (const fault of faults) {
            if (!faultRows.has(fault.id)) faultRows.set(fault.id, makeFault(fault));
            const row = faultRows.get(fault.id);
            row.button.setAttribute("aria-checked", fault.isEnabled);
            row.button.disabled = isReadOnly;
            const isUsedUp = fault.times !== undefined && fault.happened >= fault.times;
            set(row.count, fault.times === undefined ? `${number(fault.happened)} ×`
              : `${number(fault.happened)} of ${number(fault.times)}`);
            row.count.className = `count badge ${fault.happened === 0 ? "" : isUsedUp ? "good" : "warn"}`;
            row.count.title = isUsedUp ? "The fault has occurred as often as requested." : "Number of occurrences";
          }
          find("no-faults").hidden = faults.length > 0;
          find("remove-faults").hidden = faults.length === 0;
        }
        listeners.push(showFaults);

        function makeFault(fault) {
          const text = visible(fault.summary);
          const conditions = [fault.method, fault.operation, fault.bucket && `in ${fault.bucket}`, fault.key && `of ${fault.key}`]
            .filter(Boolean).map(visible).join(" ");
          const button = make("button", { type: "button", class: "switch", role: "switch", "aria-label": text,
            onclick: () => change("PATCH", `faults/${fault.id}`,
              { isEnabled: button.getAttribute("aria-checked") !== "true" }) });
          const count = make("span", { class: "count badge" });
          const item = make("li", { "data-fault": fault.id }, button,
            make("div", {}, make("div", {}, text), make("div", { class: "conditions" }, conditions || "any request")),
            count, make("button", { type: "button", class: "quiet small danger change", "aria-label": `Remove: ${text}`,
              onclick: () => change("DELETE", `faults/${fault.id}`) }, "Remove"));
          find("fault-list").append(item);
          return { item, button, count };
        }

        """#
}

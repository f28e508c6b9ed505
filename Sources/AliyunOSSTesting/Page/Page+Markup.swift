extension Page {
    /// Elements of the page. The script adds all values from the server.
    static let markup = #"""
        <a class="skip" href="#requests">Skip to the requests</a>
        <header class="bar">
          <h1><span class="mark" aria-hidden="true"></span>oss-mock-server</h1>
          <p class="place"><span id="place"></span><span id="region"></span><span id="keys"></span></p>
          <p id="connection" class="connection" role="status">Connecting…</p>
          <button type="button" id="reset" class="quiet danger change">Reset…</button>
        </header>
        <dl class="statistics" id="statistics">
          <div><dt>Requests</dt><dd data-count="requests">–</dd></div>
          <div><dt>Objects</dt><dd data-count="objects">–</dd></div>
          <div><dt>Received</dt><dd data-bytes="bytesReceived">–</dd></div>
          <div><dt>Sent</dt><dd data-bytes="bytesSent">–</dd></div>
          <div><dt>Concurrent requests, peak</dt><dd data-count="peakConcurrency">–</dd></div>
          <div><dt>Open connections</dt><dd data-count="openConnections">–</dd></div>
          <div><dt>Incomplete uploads</dt><dd data-count="openUploads">–</dd></div>
        </dl>
        <main>
        <section class="card objects" id="objects" aria-labelledby="objects-title">
          <div class="head">
            <h2 id="objects-title">Objects</h2>
            <label class="field"><span class="hidden">Bucket</span><select id="bucket"></select></label>
            <button type="button" id="new-bucket" class="quiet change">New bucket…</button>
            <span class="space"></span>
            <button type="button" id="refresh" class="quiet">Refresh</button>
            <button type="button" id="upload" class="primary change">Upload files…</button>
            <input type="file" id="files" multiple hidden aria-label="Files to upload">
          </div>
          <nav class="crumbs" id="crumbs" aria-label="Folder"></nav>
          <div class="scroll" tabindex="0" role="region" aria-labelledby="objects-title">
            <table>
              <thead><tr><th scope="col">Name</th><th scope="col" class="number">Size</th>
                <th scope="col">Modified</th><th scope="col"><span class="hidden">Actions</span></th></tr></thead>
              <tbody id="entries"></tbody>
            </table>
            <p class="empty" id="no-entries" hidden></p>
            <p class="more"><button type="button" id="more" class="quiet" hidden>Show more</button></p>
          </div>
          <ul class="uploads" id="uploads" aria-live="polite"></ul>
        </section>
        <section class="card faults" id="faults" aria-labelledby="faults-title">
          <div class="head">
            <h2 id="faults-title">Faults</h2>
            <span class="space"></span>
            <button type="button" id="remove-faults" class="quiet danger change" hidden>Remove all</button>
          </div>
          <form id="add-fault" class="change">
            <label class="field wide"><span>Fault</span><select id="preset"></select></label>
            <label class="field"><span>Operation</span>
              <input id="fault-operation" list="operations" placeholder="any" autocomplete="off" spellcheck="false"></label>
            <label class="field"><span>Key</span>
              <input id="fault-key" placeholder="any" autocomplete="off" spellcheck="false"></label>
            <label class="field short"><span>Times</span>
              <input id="fault-times" type="number" min="1" step="1" placeholder="always"></label>
            <button type="submit" class="primary" id="switch-on">Switch on</button>
            <datalist id="operations"></datalist>
            <details class="wide"><summary>Edit as JSON</summary>
              <label class="field"><span class="hidden">Fault as JSON</span>
                <textarea id="fault-json" rows="4" spellcheck="false"></textarea></label></details>
          </form>
          <ul class="list" id="fault-list"></ul>
          <p class="empty" id="no-faults">No faults. Every request is answered correctly.</p>
        </section>
        <section class="card requests" id="requests" tabindex="-1" aria-labelledby="requests-title">
          <div class="head">
            <h2 id="requests-title">Requests</h2>
            <span class="count" id="shown"></span>
            <span class="space"></span>
            <label class="field"><span class="hidden">Filter requests</span>
              <input id="filter" type="search" placeholder="Filter: key, operation, status…" spellcheck="false"></label>
            <label class="check"><input type="checkbox" id="only-failures"> Failures only</label>
            <button type="button" id="pause" class="quiet" aria-pressed="false">Pause</button>
          </div>
          <div class="scroll log" tabindex="0" role="region" aria-labelledby="requests-title">
            <table>
              <thead><tr><th scope="col" class="number">No.</th><th scope="col">Time</th><th scope="col">Operation</th>
                <th scope="col">Object</th><th scope="col" class="number">Body</th><th scope="col">Signature</th>
                <th scope="col">Faults</th><th scope="col">Status</th></tr></thead>
              <tbody id="log"></tbody>
            </table>
            <p class="empty" id="no-requests">No requests yet. Requests to the server appear here as they arrive.</p>
          </div>
        </section>
        </main>
        <dialog id="preview" aria-labelledby="preview-title">
          <div class="head"><h2 id="preview-title"></h2><span class="space"></span>
            <button type="button" id="preview-download" class="quiet">Download</button>
            <button type="button" id="preview-delete" class="quiet danger change">Delete…</button>
            <button type="button" id="preview-close" class="quiet" aria-label="Close">✕</button></div>
          <div class="body"><div id="preview-content" class="content"></div><dl id="preview-properties"></dl></div>
        </dialog>
        <dialog id="question" aria-labelledby="question-text">
          <form method="dialog" id="answer">
            <p id="question-text"></p>
            <label class="field wide" id="answer-field" hidden><span>Name</span>
              <input id="answer-text" autocomplete="off" spellcheck="false"></label>
            <p class="buttons"><button type="button" class="quiet" id="cancel">Cancel</button>
              <button type="submit" class="primary" id="confirm"></button></p>
          </form>
        </dialog>
        <div class="messages" id="messages" role="status" aria-live="polite"></div>
        """#
}

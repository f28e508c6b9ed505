extension Page {
    /// Style of the page, in light and dark colors.
    static let style = #"""
        :root {
          color-scheme: light dark;
          --page: light-dark(#f4f5f7, #111418); --card: light-dark(#ffffff, #191d23); --line: light-dark(#dfe3e8, #2b313a);
          --soft: light-dark(#f1f3f6, #20252d); --text: light-dark(#1b2028, #e6e9ee); --muted: light-dark(#5b6573, #98a2b0);
          --accent: light-dark(#b8480a, #ff9a5c); --on-accent: light-dark(#ffffff, #241000);
          --good: light-dark(#176639, #71d69b); --good-back: light-dark(#e2f4e9, #16301f);
          --bad: light-dark(#b3212c, #ff8f94); --bad-back: light-dark(#fde8e9, #3a1a1d);
          --warn: light-dark(#7d4e00, #f0c060); --warn-back: light-dark(#fdf1d8, #33280f);
          --info: light-dark(#245a9c, #8fbdf5); --info-back: light-dark(#e5effb, #172a41);
          font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
        }
        * { box-sizing: border-box; }
        [hidden] { display: none !important; }
        body { margin: 0; background: var(--page); color: var(--text); }
        h1, h2, p, dl, dd, ul { margin: 0; padding: 0; }
        h1 { font-size: 17px; display: flex; align-items: center; gap: 9px; letter-spacing: -.01em; }
        h2 { font-size: 15px; overflow-wrap: anywhere; }
        code, pre, textarea, .key { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
          font-size: 12.5px; }
        .mark { width: 18px; height: 18px; border-radius: 5px; background: var(--accent); position: relative; }
        .mark::after { content: ""; position: absolute; inset: 5px; border-radius: 50%; border: 2px solid var(--card); }
        .hidden, .skip:not(:focus) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
          white-space: nowrap; }
        .skip:focus { position: fixed; top: 8px; left: 8px; z-index: 9; background: var(--card); padding: 8px 12px; }
        .space { flex: 1; }
        .bar { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 16px; padding: 12px 22px;
          background: var(--card); border-bottom: 1px solid var(--line); }
        .place { color: var(--muted); flex: 1; display: flex; flex-wrap: wrap; gap: 4px 14px; }
        .connection { display: flex; align-items: center; gap: 7px; color: var(--muted); font-weight: 500; }
        .connection::before { content: ""; width: 9px; height: 9px; border-radius: 50%; background: var(--muted); }
        .connection.live { color: var(--good); } .connection.live::before { background: currentColor; }
        .connection.lost { color: var(--bad); } .connection.lost::before { background: currentColor; }
        .statistics { display: flex; flex-wrap: wrap; gap: 0 34px; padding: 12px 22px 0; }
        .statistics dt { color: var(--muted); font-size: 12px; }
        .statistics dd { font-size: 20px; font-weight: 600; font-variant-numeric: tabular-nums; }
        main { display: grid; grid-template-columns: minmax(0, 1.25fr) minmax(0, 1fr); gap: 16px; padding: 14px 22px 24px;
          align-items: stretch; }
        .card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; min-width: 0;
          display: flex; flex-direction: column; position: relative; }
        .requests { grid-column: 1 / -1; }
        .head { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 10px; padding: 11px 14px;
          border-bottom: 1px solid var(--line); }
        .scroll { overflow: auto; min-height: 170px; max-height: 330px; flex: 1; }
        .log { max-height: 460px; }
        button, input, select, textarea { font: inherit; color: inherit; }
        button { border: 1px solid var(--line); border-radius: 7px; padding: 5px 11px; background: var(--soft); cursor: pointer;
          font-weight: 500; white-space: nowrap; }
        button:hover { border-color: var(--muted); }
        button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
        button.primary:hover { filter: brightness(1.08); }
        button.quiet { background: transparent; }
        button.danger { color: var(--bad); }
        button[aria-pressed="true"] { background: var(--warn-back); color: var(--warn); border-color: currentColor; }
        button.link { border: 0; padding: 0; background: none; color: inherit; font-weight: 400; text-align: start;
          white-space: normal; overflow-wrap: anywhere; }
        button.link:hover { text-decoration: underline; }
        button.small { padding: 1px 8px; font-size: 12.5px; }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        .scroll:focus-visible { outline-offset: -2px; }
        input:not([type="checkbox"]), select, textarea { border: 1px solid var(--line); border-radius: 7px; padding: 5px 9px;
          background: var(--page); min-width: 0; width: 100%; }
        input[type="search"] { width: 250px; max-width: 100%; }
        textarea { display: block; resize: vertical; }
        ::placeholder { color: var(--muted); opacity: 1; }
        .field { display: grid; gap: 3px; min-width: 0; } .field > span:not(.hidden) { font-size: 12px; color: var(--muted); }
        .check { display: flex; gap: 6px; align-items: center; }
        .crumbs { display: flex; flex-wrap: wrap; gap: 2px 5px; padding: 8px 14px; color: var(--muted); }
        .crumbs button { color: var(--info); } .crumbs [aria-current] { color: var(--text); font-weight: 600; }
        table { width: 100%; border-collapse: collapse; }
        th { position: sticky; top: 0; z-index: 1; background: var(--soft); color: var(--muted); font-size: 12px;
          font-weight: 500; text-align: start; white-space: nowrap; }
        th, td { padding: 6px 8px; } th:first-child, td:first-child { padding-inline-start: 14px; }
        th:last-child, td:last-child { padding-inline-end: 14px; }
        td { border-top: 1px solid var(--line); vertical-align: baseline; }
        tbody tr:first-child td { border-top: 0; }
        tbody tr:hover td { background: var(--soft); }
        .number { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .time, .muted { color: var(--muted); white-space: nowrap; font-variant-numeric: tabular-nums; }
        .actions { text-align: end; white-space: nowrap; } .actions button { border-color: transparent; }
        .actions button:hover { border-color: currentColor; }
        .folder::before { content: "▸ "; color: var(--accent); }
        .empty { padding: 26px 16px; color: var(--muted); text-align: center; }
        .more { text-align: center; padding: 6px; }
        .objects.over::after { content: "Drop files to upload them here"; position: absolute; inset: 6px; z-index: 3;
          display: grid; place-items: center; border: 2px dashed var(--accent); border-radius: 8px; background: var(--card);
          opacity: .94; font-weight: 600; color: var(--accent); }
        .uploads { list-style: none; } .uploads li { display: flex; gap: 10px; align-items: center; padding: 7px 14px;
          border-top: 1px solid var(--line); } .uploads .key { flex: 1; overflow-wrap: anywhere; }
        .uploads progress { width: 120px; accent-color: var(--accent); }
        .uploads .failed { color: var(--bad); overflow-wrap: anywhere; }
        #add-fault { display: grid; grid-template-columns: 1.2fr 1.2fr .8fr auto; gap: 9px 10px; padding: 12px 14px;
          align-items: end; border-bottom: 1px solid var(--line); }
        .wide { grid-column: 1 / -1; }
        summary { cursor: pointer; color: var(--muted); font-size: 12.5px; } details[open] summary { margin-bottom: 6px; }
        .list { list-style: none; overflow: auto; max-height: 260px; }
        .list li { display: flex; gap: 11px; align-items: center; padding: 9px 14px; border-bottom: 1px solid var(--line); }
        .list li > div { flex: 1; min-width: 0; overflow-wrap: anywhere; }
        .list .conditions { color: var(--muted); font-size: 12.5px; }
        .switch { flex: none; width: 36px; height: 20px; border-radius: 10px; padding: 0; position: relative;
          background: var(--muted); border-color: transparent; }
        .switch::after { content: ""; position: absolute; top: 2px; left: 2px; width: 14px; height: 14px; border-radius: 50%;
          background: var(--card); transition: translate .12s; }
        .switch[aria-checked="true"] { background: var(--accent); } .switch[aria-checked="true"]::after { translate: 16px; }
        .switch:disabled { cursor: default; }
        .badge { display: inline-block; border-radius: 6px; padding: 1px 7px; font-size: 12.5px; font-weight: 500;
          white-space: nowrap; background: var(--soft); color: var(--muted); font-variant-numeric: tabular-nums; }
        .badge + .badge { margin-inline-start: 4px; }
        .good { background: var(--good-back); color: var(--good); } .bad { background: var(--bad-back); color: var(--bad); }
        .warn { background: var(--warn-back); color: var(--warn); } .info { background: var(--info-back); color: var(--info); }
        .object { overflow-wrap: anywhere; min-width: 160px; } .object .bucket { color: var(--muted); }
        .method { color: var(--muted); font-size: 12px; }
        .details td { background: var(--soft); padding: 4px 14px 12px; }
        dl.pairs { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 2px 16px; font-size: 12.5px; }
        dl.pairs dt { color: var(--muted); } dl.pairs dd { overflow-wrap: anywhere; white-space: pre-wrap; }
        dialog { border: 1px solid var(--line); border-radius: 12px; background: var(--card); color: inherit; padding: 0;
          max-width: min(900px, calc(100vw - 32px)); box-shadow: 0 18px 60px rgb(0 0 0 / .35); }
        dialog::backdrop { background: rgb(0 0 0 / .45); }
        #preview { width: 900px; } #preview .body { display: grid; gap: 14px; padding: 14px; }
        .content pre { margin: 0; padding: 12px; max-height: 45vh; overflow: auto; background: var(--soft); border-radius: 8px;
          white-space: pre-wrap; overflow-wrap: anywhere; }
        .content img { display: block; max-width: 100%; max-height: 50vh; margin: auto; border-radius: 6px;
          background: repeating-conic-gradient(#8882 0 25%, #0000 0 50%) 0 / 18px 18px; }
        .content .note { color: var(--muted); padding-top: 6px; font-size: 12.5px; }
        #question { width: 430px; } #question form { display: grid; gap: 14px; padding: 18px; }
        #question p { overflow-wrap: anywhere; } .buttons { display: flex; justify-content: flex-end; gap: 8px; }
        .messages { position: fixed; right: 18px; bottom: 18px; z-index: 5; display: grid; gap: 8px; max-width: 420px; }
        .messages p { padding: 9px 14px; border-radius: 8px; border: 1px solid currentColor; overflow-wrap: anywhere; }
        .read-only .change { display: none !important; }
        @media (max-width: 940px) {
          main { grid-template-columns: minmax(0, 1fr); padding-inline: 12px; }
          #add-fault { grid-template-columns: 1fr 1fr; } .bar, .statistics { padding-inline: 12px; }
        }
        @media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
        """#
}

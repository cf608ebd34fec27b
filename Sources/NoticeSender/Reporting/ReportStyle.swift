/// How the page looks, and the one thing it does by itself.
enum ReportStyle {
  static let css: HTML = """

    :root {
      --ground: #fbfbfa; --raised: #ffffff; --ink: #1d2129; --quiet: #626a78; --line: #e3e5e9;
      --bar: #2f6fde; --good: #1a7f4b; --bad: #b3261e;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --ground: #14161a; --raised: #1d2026; --ink: #e8eaee; --quiet: #9aa3b2; --line: #30353e;
        --bar: #6ea0ff; --good: #58c98a; --bad: #ff8a80;
      }
    }
    * { box-sizing: border-box; }
    body {
      margin: 0 auto; max-width: 60rem; padding: 1rem; background: var(--ground); color: var(--ink);
      font: 15px/1.5 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
    }
    header { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; }
    h1 { font-size: 1.5rem; margin: 0; }
    h2 { font-size: 1rem; margin: 0 0 .75rem; }
    header p { margin: 0; color: var(--quiet); }
    .language { margin-left: auto; }
    .language label { cursor: pointer; text-decoration: underline; }
    input[name=language] { position: absolute; opacity: 0; }
    #en:checked ~ * .zh, #zh:checked ~ * .en { display: none; }
    #en:focus-visible ~ header .language, #zh:focus-visible ~ header .language { outline: 2px solid var(--bar); }
    section, .tile {
      background: var(--raised); border: 1px solid var(--line); border-radius: .6rem;
    }
    section { margin: 1rem 0; padding: 1rem; }
    .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 1rem; margin: 1rem 0; }
    .tile { margin: 0; padding: .75rem 1rem; color: var(--quiet); }
    .tile b { display: block; font-size: 1.75rem; line-height: 1.2; color: var(--ink); }
    .tile.bad b, .bad { color: var(--bad); }
    .good { color: var(--good); }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; width: 100%; }
    th, td { text-align: left; padding: .3rem .75rem .3rem 0; vertical-align: top; font-weight: normal; }
    thead th { color: var(--quiet); border-bottom: 1px solid var(--line); white-space: nowrap; }
    tbody th { overflow-wrap: anywhere; min-width: 6rem; }
    .ranking { table-layout: fixed; }
    .ranking th { width: 45%; }
    .ranking .number { width: 5rem; }
    .wide td { white-space: nowrap; }
    .wide .why td { white-space: normal; }
    .wide .answer { white-space: normal; min-width: 14rem; }
    .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
    .drawn { width: 40%; min-width: 4rem; vertical-align: middle; }
    .why td { color: var(--quiet); padding-bottom: .75rem; overflow-wrap: anywhere; }
    code, .texts { font-family: ui-monospace, monospace; font-size: .85em; }
    .texts { list-style: none; margin: 0; padding: 0; overflow-wrap: anywhere; }
    .plot { display: block; width: 100%; height: auto; }
    .row { display: block; width: 100%; height: .6rem; }
    .bar { fill: var(--bar); }
    .grid { stroke: var(--line); }
    .axis { fill: var(--quiet); font: 11px system-ui, sans-serif; }
    @media (max-width: 40rem) { body { padding: .6rem; } section { padding: .75rem; } .axis { font-size: 18px; } }

    """

  /// Whoever reads Chinese gets it so, and keeps what was chosen when the page comes again.
  static let script: HTML = """

    const choices = ["en", "zh"].map((id) => document.getElementById(id));
    const kept = location.hash.slice(1) || (navigator.language.startsWith("zh") ? "zh" : "en");
    for (const choice of choices) {
      choice.checked = choice.id === kept;
      choice.addEventListener("change", () => { location.hash = choice.id; document.documentElement.lang = choice.id; });
    }
    document.documentElement.lang = kept;

    """
}

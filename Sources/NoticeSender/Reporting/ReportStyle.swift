/// How the page looks, and the one thing it does by itself.
enum ReportStyle {
  static let css: HTML = """

    :root {
      --ground: #fbfbfa; --raised: #ffffff; --ink: #1d2129; --quiet: #5c6472; --line: #e3e5e9;
      --bar: #2f6fde; --waiting: #e0982a; --good: #1a7f4b; --bad: #b3261e;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --ground: #14161a; --raised: #1d2026; --ink: #e8eaee; --quiet: #9aa3b2; --line: #30353e;
        --bar: #6ea0ff; --waiting: #f0b354; --good: #58c98a; --bad: #ff8a80;
      }
    }
    * { box-sizing: border-box; }
    body {
      margin: 0 auto; max-width: 66rem; padding: 1rem; background: var(--ground); color: var(--ink);
      font: 15px/1.5 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
    }
    header { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; }
    h1 { font-size: 1.5rem; margin: 0; }
    h2 { font-size: 1rem; margin: 0 0 .75rem; }
    header p { margin: 0; color: var(--quiet); }
    .language { margin-left: auto; display: flex; gap: .25rem; }
    .language label { cursor: pointer; padding: .1rem .6rem; border-radius: 1rem; }
    #english:checked ~ header [for=english], #chinese:checked ~ header [for=chinese] {
      color: var(--ink); background: var(--line);
    }
    input[name=language] { position: absolute; opacity: 0; }
    #english:checked ~ * .zh, #chinese:checked ~ * .en { display: none; }
    #english:focus-visible ~ header [for=english], #chinese:focus-visible ~ header [for=chinese] {
      outline: 2px solid var(--bar);
    }
    section, .tile {
      background: var(--raised); border: 1px solid var(--line); border-radius: .6rem;
    }
    section { margin: 1rem 0; padding: 1rem; }
    .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: 1rem; }
    .pair section { margin: 0; }
    .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 1rem; margin: 1rem 0; }
    .tile { margin: 0; padding: .75rem 1rem; color: var(--quiet); }
    .tile b { display: block; font-size: 1.75rem; line-height: 1.2; color: var(--ink); }
    .tile.bad b, .bad { color: var(--bad); }
    .good { color: var(--good); }
    table { border-collapse: collapse; width: 100%; }
    th, td { text-align: left; padding: .3rem .75rem .3rem 0; vertical-align: baseline; font-weight: normal; }
    th:last-child, td:last-child { padding-right: 0; }
    thead th { color: var(--quiet); border-bottom: 1px solid var(--line); white-space: nowrap; }
    tbody th { overflow-wrap: anywhere; min-width: 6rem; }
    .ranking { table-layout: fixed; }
    .ranking th { width: 45%; }
    .ranking .number { width: 4rem; }
    .number, time { font-variant-numeric: tabular-nums; white-space: nowrap; }
    .number { text-align: right; }
    .drawn { min-width: 4rem; vertical-align: top; padding-top: .75rem; }
    .stack tbody tr:not(.why):not(:first-child) { border-top: 1px solid var(--line); }
    .destinations .drawn { width: 34%; }
    .why td { color: var(--quiet); padding-bottom: .6rem; overflow-wrap: anywhere; }
    .label { display: none; color: var(--quiet); }
    .key { display: inline-block; width: .6rem; height: .6rem; margin-right: .4rem; background: var(--bar); }
    .key.waiting { background: var(--waiting); }
    code { font: .85em ui-monospace, monospace; overflow-wrap: anywhere; }
    .texts { list-style: none; margin: 0; padding: 0; overflow-wrap: anywhere; }
    .texts li { padding: .35rem 0; }
    .texts li + li { border-top: 1px solid var(--line); }
    .plot { display: block; width: 100%; height: 13rem; padding: .5rem .5rem 2rem 2.75rem; overflow: visible; }
    .row { display: block; width: 100%; height: .6rem; }
    .bar { fill: var(--bar); }
    .waiting { fill: var(--waiting); }
    .grid { stroke: var(--line); }
    .axis { fill: var(--quiet); font-size: 12px; }
    @media (max-width: 44rem) {
      body { padding: .6rem; }
      section { padding: .75rem; }
      .tiles, .pair { gap: .6rem; }
      .plot { height: 11rem; }
      .stack, .stack tbody { display: block; }
      .stack thead { display: none; }
      .stack tr { display: grid; grid-template-columns: 1fr auto; gap: .1rem 1rem; padding: .5rem 0; }
      .stack .why { padding-top: 0; }
      .stack th { font-weight: 600; }
      .stack td, .stack th { padding: 0 0 .1rem; }
      .stack .drawn, .stack .number, .stack .why td, .stack .id { grid-column: 1 / -1; }
      .stack .drawn, .stack .number { width: auto; }
      .stack .number { display: flex; justify-content: space-between; }
      .stack .label { display: inline; }
      .letters th { order: -1; }
    }

    """

  /// Whoever reads Chinese gets it so, and keeps what was chosen when the page comes again.
  static let script: HTML = """

    const choices = ["english", "chinese"].map((id) => document.getElementById(id));
    const kept = location.hash.slice(1) || (navigator.language.startsWith("zh") ? "zh" : "en");
    for (const choice of choices) {
      choice.checked = choice.value === kept;
      choice.addEventListener("change", () => { location.hash = choice.value; document.documentElement.lang = choice.value; });
    }
    document.documentElement.lang = kept;

    """
}

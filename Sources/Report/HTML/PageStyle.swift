/// The style of the page.
enum PageStyle {
  /// The rules for screens of any width, light and dark, and for paper.
  static let rules = """
    :root{color-scheme:light dark;--page:#ffffff;--text:#1f2328;--soft:#57606a;--line:#d0d7de;
    --panel:#f6f8fa;--link:#0a5fb4;--good:#116329;--goodback:#e6f6ea;--bad:#a40e26;
    --badback:#ffebe9;--open:#6f4400;--openback:#fff4d6}
    @media screen and (prefers-color-scheme:dark){
    :root{--page:#0f1419;--text:#e6e9ed;--soft:#a3aab4;--line:#3a4048;--panel:#181e25;
    --link:#6cb6ff;--good:#6ee787;--goodback:#0f2a18;--bad:#ffa198;--badback:#36140f;
    --open:#f2cc60;--openback:#2e2408}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
    body{margin:0;background:var(--page);color:var(--text);
    font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
    main{max-width:1280px;margin:0 auto;padding:24px 16px 48px}
    h1{font-size:1.75rem;line-height:1.25;margin:0 0 4px}
    h2{font-size:1.3rem;margin:40px 0 12px;padding-bottom:4px;border-bottom:1px solid var(--line)}
    h3{font-size:1rem;margin:0}
    h1,h2,h3,p,li,dd,summary,.other td,tbody th{overflow-wrap:anywhere}
    p{margin:4px 0}
    .when,.note,figcaption p{color:var(--soft)}
    .note{font-size:.9rem}
    code{font:.9em/1.5 ui-monospace,SFMono-Regular,Menlo,monospace;background:var(--panel);
    padding:2px 5px;border-radius:4px;overflow-wrap:anywhere}
    .verdict{margin:16px 0;padding:10px 14px;border-left:4px solid;border-radius:4px;font-weight:600}
    .good{color:var(--good);background:var(--goodback)}
    .bad{color:var(--bad);background:var(--badback)}
    .open{color:var(--open);background:var(--openback)}
    dl{margin:0}dd{margin:0}
    .counts{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:10px}
    .counts div{background:var(--panel);border:1px solid var(--line);border-radius:6px;
    padding:8px 12px}
    .counts dt{color:var(--soft);font-size:.85rem}
    .counts dd{font-size:1.35rem;font-weight:600;font-variant-numeric:tabular-nums}
    .steps{padding-left:20px;margin:0}.steps li{margin:6px 0}
    .failure{border:1px solid var(--line);border-left:4px solid var(--bad);border-radius:4px;
    padding:10px 14px;margin:12px 0}
    .names{margin:6px 0 0;padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:4px 14px}
    .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));
    gap:20px}
    figure{margin:0;padding:12px;border:1px solid var(--line);border-radius:6px;min-width:0;
    break-inside:avoid}
    figcaption p{font-size:.9rem}
    .plot{display:block;width:100%;max-width:540px;height:auto;margin:12px 0}
    .legend{list-style:none;margin:10px 0 0;padding:0;display:flex;flex-wrap:wrap;gap:2px 16px;
    font-size:.9rem}
    .legend li{display:flex;gap:6px}
    .swatch{flex:none;width:12px;height:12px;border-radius:2px;margin-top:5px}
    summary{cursor:pointer;color:var(--link)}
    summary h3{display:inline}
    summary:focus-visible,button:focus-visible,input:focus-visible,.wide:focus-visible{
    outline:2px solid var(--link);outline-offset:2px}
    table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
    th,td{text-align:right;padding:5px 8px;border-bottom:1px solid var(--line);vertical-align:top}
    th:first-child,.other td,.stores td:nth-child(2){text-align:left}
    .other td:nth-child(3){text-align:right}
    .other thead th:nth-child(3){text-align:right}
    .other thead th{text-align:left}.written thead th:nth-child(2){text-align:left}
    thead th{color:var(--soft);font-weight:600;vertical-align:bottom}
    tbody th{font-weight:600}.stores tbody th{min-width:18em}
    .written td{white-space:nowrap}.other td:nth-child(4){min-width:20em}
    .other thead th:nth-child(3){min-width:6em}.other td:nth-child(2){min-width:6em}
    .wide{overflow-x:auto;margin-top:6px}
    th button{all:unset;cursor:pointer}
    th[aria-sort=ascending] button::after{content:" ▲"}
    th[aria-sort=descending] button::after{content:" ▼"}
    .group{margin:14px 0}.group>summary{padding:4px 0}
    .search input{font:inherit;color:inherit;background:var(--page);border:1px solid var(--soft);
    border-radius:4px;padding:4px 8px;width:min(100%,22em)}
    .facts div{display:grid;grid-template-columns:13em 1fr;gap:12px;padding:5px 0;
    border-bottom:1px solid var(--line)}
    .facts dt{color:var(--soft)}
    [hidden]{display:none!important}
    @media screen and (max-width:1200px){
    .facts div{grid-template-columns:1fr;gap:0}
    .stores thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
    .stores,.stores tbody{display:block}
    .stores tr{display:block;border:1px solid var(--line);border-radius:6px;margin:8px 0;
    padding:6px 12px}
    .stores th,.stores td{display:block;border:0;padding:2px 0;text-align:left!important}
    .stores td,.stores tbody th{white-space:normal;min-width:0!important}
    .stores td{display:grid;grid-template-columns:11em 1fr;gap:8px}
    .stores td::before{color:var(--soft)}
    .written td:nth-child(2)::before{content:"Format"}
    .written td:nth-child(3)::before,.other td:nth-child(3)::before{content:"Documents"}
    .written td:nth-child(4)::before{content:"Dimensions"}
    .written td:nth-child(5)::before{content:"Recall, full queries"}
    .written td:nth-child(6)::before{content:"Recall, cut queries"}
    .written td:nth-child(7)::before{content:"Recall, added later"}
    .written td:nth-child(8)::before{content:"Largest change of a score"}
    .written td:nth-child(9)::before{content:"Originals"}
    .written td:nth-child(10)::before{content:"Files"}
    .written td:nth-child(11)::before{content:"Time"}
    .other td:nth-child(2)::before{content:"Outcome"}
    .other td:nth-child(4)::before{content:"Reason and remedy"}
    .other td:nth-child(5)::before{content:"Path"}
    .other td{display:block}.other td::before{display:block;font-size:.85rem}}
    @media print{
    html{font-size:10.5px}body{font-size:1rem}main{max-width:none;padding:0}
    h2{margin-top:2rem}.plot{max-width:420px;margin:6px 0}
    .search{display:none}
    details::details-content{content-visibility:visible!important;display:block!important}
    .figures{grid-template-columns:1fr 1fr}
    .counts div,.verdict,.failure,tr{break-inside:avoid}
    h2,h3,thead{break-after:avoid}
    table{font-size:.85rem}th,td{padding:2px 4px}.stores tbody th{min-width:11em}
    @page{margin:14mm}}
    """
}

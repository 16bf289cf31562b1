/// The script of the page, which adds search and sorting; without the script everything can be
/// read.
enum PageScript {
  /// The policy of the page: nothing is loaded, and no other script than this one runs, even where
  /// a value from outside were taken for one.
  ///
  /// The digest is the SHA-256 of the script's text, in base 64.
  static let policy: HTML = """
    default-src 'none'; style-src 'unsafe-inline'; script-src \
    'sha256-RdbJsclRFlsMldHlhe0+b6F9s9SQtSHSKyjZTf1eZGg='; base-uri 'none'; form-action 'none'
    """

  /// The text of the script.
  static let text = #"""

    'use strict';
    (() => {
      const line = document.querySelector('.search');
      if (!line) return;
      const input = document.getElementById('search');
      const found = document.getElementById('found');
      const groups = [...document.querySelectorAll('details.group')].map(details => ({
        details, isOpen: details.open,
        rows: [...details.querySelectorAll('tbody tr')].map(row => ({
          row, text: row.textContent.toLowerCase() })) }));
      line.hidden = false;
      input.addEventListener('input', () => {
        const words = input.value.toLowerCase().split(/\s+/).filter(word => word);
        let count = 0;
        for (const group of groups) {
          let here = 0;
          for (const { row, text } of group.rows) {
            const fits = words.every(word => text.includes(word));
            row.hidden = !fits;
            if (fits) here += 1;
          }
          group.details.hidden = here === 0;
          group.details.open = words.length ? here > 0 : group.isOpen;
          count += here;
        }
        found.textContent = words.length ? count + ' found' : '';
      });
      const units = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, ms: 1e-3, s: 1, min: 60,
        h: 3600, d: 86400 };
      const key = cell => {
        const text = cell.textContent;
        const parts = [...text.matchAll(/([\d,]+(?:\.\d+)?) ?([a-zA-Z]+)?/g)];
        if (!/^[\d]/.test(text)) return text === '–' ? -1 : text.startsWith('under') ? 0 : null;
        return parts.reduce((sum, part) =>
          sum + Number(part[1].replaceAll(',', '')) * (units[part[2]] || 1), 0);
      };
      for (const table of document.querySelectorAll('table.stores')) {
        [...table.tHead.rows[0].cells].forEach((head, column) => {
          const button = document.createElement('button');
          button.type = 'button';
          button.append(...head.childNodes);
          head.append(button);
          button.addEventListener('click', () => {
            const rises = head.getAttribute('aria-sort') !== 'ascending';
            for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
            head.setAttribute('aria-sort', rises ? 'ascending' : 'descending');
            const rows = [...table.tBodies[0].rows].map(row => ({
              row, key: column ? key(row.cells[column]) : null,
              text: row.cells[column].textContent }));
            rows.sort((one, other) => (rises ? 1 : -1) * (
              one.key !== null && other.key !== null && one.key !== other.key
                ? one.key - other.key : one.text.localeCompare(other.text)));
            table.tBodies[0].append(...rows.map(({ row }) => row));
          });
        });
      }
      addEventListener('beforeprint', () => {
        for (const details of document.querySelectorAll('details')) details.open = true;
      });
    })();

    """#
}

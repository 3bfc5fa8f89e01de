// Small choices of this reader, kept in the browser; a browser that keeps nothing is fine too.

const PREFIX = "filmeto.";

/** What was kept under that name, or null. */
export function kept(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** Keep a choice; null forgets it. */
export function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    // Storage is off: the choice holds until the page is left.
  }
}

/** A long list of a day opens at what is still to come; what is past is above. Rows say their end in `data-ends`. */
export function scrollToAhead(list: HTMLElement | null): void {
  if (list === null) return;
  const now = Date.now();
  const ahead = [...list.querySelectorAll<HTMLElement>('[data-ends]')].find((each) => Number(each.dataset.ends) > now);
  if (ahead !== undefined) list.scrollTop += ahead.getBoundingClientRect().top - list.getBoundingClientRect().top - 2;
}

// Numbers as people read them: lengths, sizes, moments, sums.

import { language, t } from "./words.js";

/** A length on a film's clock: 0:07, 1:02:30. */
export function clock(seconds) {
  if (seconds === null || seconds === undefined) return "";
  const whole = Math.round(seconds);
  const two = (n) => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** How long work takes: "40 s", "3 min". */
export function span(seconds) {
  if (seconds < 10 && seconds % 1 >= 0.05) return t("span.seconds", { n: number(seconds, 1) });
  if (seconds < 90) return t("span.seconds", { n: number(seconds, 0) });
  if (seconds < 5400) return t("span.minutes", { n: number(seconds / 60, 0) });
  return t("span.hours", { n: number(seconds / 3600, 1) });
}

/** A shot's length, to a tenth. */
export const shotLength = (seconds) => t("span.seconds", { n: number(seconds, 1) });

/** A number with so many decimals at most. */
export function number(value, decimals = 0) {
  return new Intl.NumberFormat(language(), { maximumFractionDigits: decimals }).format(value);
}

/** A percentage as it is shown. */
export const percent = (value) => t("percent", { n: number(Math.floor(value)) });

/** Bytes: "3.2 MB". */
export function bytes(size) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) [size, unit] = [size / 1000, unit + 1];
  return `${number(size, size < 10 && unit ? 1 : 0)} ${units[unit]}`;
}

/** A moment, in the reader's own time. */
export function moment(iso) {
  const format = { dateStyle: "medium", timeStyle: "short" };
  return iso ? new Intl.DateTimeFormat(language(), format).format(new Date(iso)) : "";
}

/** Sums of money in one text: ["0.04 EUR", "1.20 USD"] or {amount, currency}. */
export function sums(amounts) {
  return (amounts ?? [])
    .map((one) => (typeof one === "string" ? one : `${Number(one.amount)} ${one.currency}`))
    .join(" + ");
}

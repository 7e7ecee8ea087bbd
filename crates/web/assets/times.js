// How times are written, and how those that people choose are told the line.
import { isEnglish } from "/inside.js";

const LANGUAGE = isEnglish ? "en-GB" : "ru-RU";
const two = (n) => String(n).padStart(2, "0");

/** A moment as day and time of day. */
export const moment = (at) => (at ? new Date(at).toLocaleString(LANGUAGE, { dateStyle: "short", timeStyle: "short" }) : "");

/** A moment with its second. */
export const exactly = (at) => new Date(at).toLocaleString(LANGUAGE, { dateStyle: "short", timeStyle: "medium" });

/** Seconds as 0:07 or 1:02:33. */
export function span(seconds) {
  const total = Math.max(0, Math.floor(seconds)), minutes = Math.floor(total / 60) % 60;
  return total < 3600 ? `${minutes}:${two(total % 60)}` : `${Math.floor(total / 3600)}:${two(minutes)}:${two(total % 60)}`;
}

/** Seconds from one moment to another. */
export const between = (from, to) => (Date.parse(to) - Date.parse(from)) / 1000;

/** The value of a `datetime-local` for the beginning of the day so many days ago. */
export function daysAgo(days) {
  const day = new Date();
  day.setDate(day.getDate() - days);
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}T00:00`;
}

/** What a `datetime-local` says, as the API reads it; nothing if nothing is chosen. */
export const chosen = (value) => (value ? new Date(value).toISOString() : "");

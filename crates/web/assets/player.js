// Plays a part of a call's recordings, with both sides drawn: the caller above, the agent below. The sound is fetched when
// somebody wants to hear it, as a whole: so each listening is one line in the audit, and any place of it is played at once.
import { element, isEnglish } from "/inside.js";
import { STEPS, agentName, concerns } from "/call-words.js";
import { between, exactly, moment, span } from "/times.js";
import { Wave } from "/wave.js";

const RU = {
  part: "Часть {n}", listen: "▶ Слушать", pause: "⏸ Пауза", loading: "Загружаю…", failed: "Запись не открылась", erased: "Записи больше нет", speed: "Скорость", download: "Скачать", place: "Место в записи", of: "{n} из {m}", left: "осталось {n}",
  caller: "Звонивший", agent: "Сотрудник", robot: "Робот", menu: "меню {n}", keep: "хранится до {n}", drawn: "Громкость по времени: звонивший сверху, {n} снизу", states: { running: "ещё идёт", gaps: "с пропусками", cut: "обрывается" },
};
const EN = {
  part: "Part {n}", listen: "▶ Listen", pause: "⏸ Pause", loading: "Loading…", failed: "The recording does not open", erased: "The recording is no more", speed: "Speed", download: "Download", place: "Place in the recording", of: "{n} of {m}", left: "{n} left",
  caller: "Caller", agent: "Agent", robot: "Robot", menu: "menu {n}", keep: "kept until {n}", drawn: "Loudness over time: the caller above, {n} below", states: { running: "still going on", gaps: "with gaps", cut: "breaks off" },
};
const T = isEnglish ? EN : RU;
const fill = (text, n, m = "") => text.replace("{n}", () => n).replace("{m}", () => m);
const SPEEDS = [1, 1.5, 2];
/** Seconds that an arrow key goes. */
const STEP = 5;

function button(text, act) {
  const made = element("button", text);
  made.type = "button";
  made.onclick = act;
  return made;
}

export class Player {
  /** The sound that is heard now, of whichever player. */
  static #playing = null;
  /** Where it stands on the page. */
  place = element("div", "", "player");
  #audio = null;
  #frame = 0;
  #wave;
  #seconds;
  #path;
  #button = button(T.listen, () => this.#press());
  #time = element("span", "", "time");
  #slider = element("input", "");
  #speed = element("select", "");

  constructor(call, recording, names) {
    const { part, seconds, agent, menu, topic, began_at: began, keep_until: keep, state, marks } = recording;
    this.#seconds = seconds;
    this.#path = `/api/v1/calls/${call}/recording?part=${part}`;
    const other = agent ? agentName(agent, names) : T.robot;
    const about = topic ? names.topics.find(({ id }) => id === topic)?.title ?? topic : menu && fill(T.menu, menu);
    const title = element("h3", [fill(T.part, part), exactly(began), about, other, span(seconds), T.states[state], fill(T.keep, moment(keep))].filter(Boolean).join(" · "));
    this.place.setAttribute("role", "group");
    this.place.setAttribute("aria-label", title.textContent);
    this.#button.className = "main";
    this.#wave = new Wave(fill(T.drawn, other), (share) => this.#go(share * this.#seconds));
    const sides = element("div", "", "sides"), tracks = element("div", "", "tracks");
    sides.append(element("span", T.caller), element("span", other));
    tracks.append(sides, this.#wave.drawing, this.#makeSlider());
    this.place.append(title, this.#acts(call, part), tracks, this.#marks(began, marks, names));
    this.#draw();
  }

  #acts(call, part) {
    const acts = element("div", "", "acts"), speed = element("label", `${T.speed} `), link = element("a", T.download);
    this.#speed.append(...SPEEDS.map((one) => new Option(`× ${one.toLocaleString(document.documentElement.lang)}`, one)));
    this.#speed.onchange = () => { if (this.#audio) this.#audio.playbackRate = Number(this.#speed.value); };
    speed.append(this.#speed);
    link.href = this.#path;
    link.download = `${call}-${part}.wav`;
    acts.append(this.#button, this.#time, speed, link);
    return acts;
  }

  #makeSlider() {
    const slider = this.#slider;
    Object.assign(slider, { type: "range", min: 0, max: this.#seconds, step: "any", value: 0 });
    slider.setAttribute("aria-label", T.place);
    slider.oninput = () => this.#go(Number(slider.value));
    slider.onkeydown = (event) => {
      const steps = { ArrowLeft: -STEP, ArrowRight: STEP, ArrowDown: -STEP, ArrowUp: STEP };
      if (event.key in steps) this.#go(this.#now() + steps[event.key]);
      else if (event.key === " ") this.#press();
      else return;
      event.preventDefault();
    };
    return slider;
  }

  // What happened meanwhile, each with its place in the sound.
  #marks(began, marks, names) {
    const list = element("ul", "", "marks");
    list.append(...marks.map((step) => {
      const one = element("li", ""), at = between(began, step.at);
      one.append(button([span(at), STEPS[step.what] ?? step.what, concerns(step, names)].filter(Boolean).join(" · "), () => this.#go(at)));
      return one;
    }));
    return list;
  }

  #now() {
    return this.#audio ? this.#audio.currentTime : Number(this.#slider.value);
  }

  async #press() {
    if (this.#button.disabled) return;
    if (!this.#audio && !(await this.#load())) return;
    if (this.#audio.paused) await this.#audio.play().catch(() => this.#draw(T.failed));
    else this.#audio.pause();
  }

  async #load() {
    this.#button.disabled = true;
    this.#draw(T.loading);
    const told = await fetch(this.#path, { credentials: "same-origin" }).catch(() => null);
    // Who changes something in the sound on the disk breaks it off.
    const sound = told?.ok ? await told.arrayBuffer().catch(() => null) : null;
    this.#button.disabled = false;
    if (!sound) { this.#draw(told?.status === 404 ? T.erased : T.failed); return false; }
    const audio = new Audio(URL.createObjectURL(new Blob([sound], { type: "audio/wav" })));
    audio.playbackRate = Number(this.#speed.value);
    audio.currentTime = Number(this.#slider.value);
    audio.onplay = audio.onpause = audio.onseeked = audio.onended = () => this.#draw();
    // Another player's talk would be heard through this one.
    audio.addEventListener("play", () => { Player.#playing?.pause(); Player.#playing = audio; });
    audio.addEventListener("pause", () => { if (Player.#playing === audio) Player.#playing = null; });
    this.#audio = audio;
    await this.#wave.draw(sound).catch(() => this.#draw(T.failed));
    return true;
  }

  #go(seconds) {
    const at = Math.min(Math.max(0, seconds), this.#seconds);
    if (this.#audio) this.#audio.currentTime = at;
    this.#slider.value = at;
    this.#draw();
  }

  #draw(trouble) {
    const now = this.#now(), isPlaying = Boolean(this.#audio && !this.#audio.paused);
    this.#button.textContent = isPlaying ? T.pause : T.listen;
    this.#time.textContent = trouble ?? `${fill(T.of, span(now), span(this.#seconds))} · ${fill(T.left, span(this.#seconds - now))}`;
    this.#slider.value = now;
    this.#slider.setAttribute("aria-valuetext", fill(T.of, span(now), span(this.#seconds)));
    this.#wave.mark(this.#seconds > 0 ? now / this.#seconds : 0);
    cancelAnimationFrame(this.#frame);
    if (isPlaying) this.#frame = requestAnimationFrame(() => this.#draw());
  }
}

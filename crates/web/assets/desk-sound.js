// The sounds of the desk: what rings, what is played to try the loudspeaker, and the panel where microphone and
// loudspeaker are chosen and tried.
import { byId, show } from "/inside.js";
import { whyNoMicrophone } from "/phone-media.js";
import { T } from "/desk-words.js";

/** Where the choice of devices is kept. */
const DEVICES = "line122-devices";
/** Milliseconds from one ring to the next. */
const RING_EACH = 2_600;
/** Milliseconds from the last note until nothing of it is on the way to the loudspeaker. */
const REST_AFTER = 500;
/** Above this part of full scale a voice is heard. */
const VOICE = 0.04;

/** What the desk plays itself, at the loudspeaker that was chosen. */
export class Sounds {
  #context = null; #out = null; #silence = () => {}; #voices = 0; #loudspeaker; #ringing = 0;

  constructor(loudspeaker) { this.#loudspeaker = loudspeaker; }

  ring() {
    if (this.#ringing) return;
    const once = () => { this.#notes([[660, 0, 0.18], [880, 0.22, 0.18], [660, 0.6, 0.18], [880, 0.82, 0.18]]); };
    once();
    this.#ringing = setInterval(once, RING_EACH);
  }

  stop() {
    clearInterval(this.#ringing);
    this.#ringing = 0;
  }

  try() { this.#notes([[523, 0, 0.25], [659, 0.3, 0.25], [784, 0.6, 0.5]]); }

  /** Something was done to the call by somebody else: a short low note. */
  note() { this.#notes([[440, 0, 0.12]]); }

  // Notes: frequency in Hz, begin and length in seconds.
  #notes(notes) {
    if (!this.#context) {
      this.#context = new AudioContext();
      this.#out = this.#context.createMediaStreamDestination();
      this.#silence = this.#loudspeaker.play(this.#out.stream);
    }
    const context = this.#context;
    context.resume();
    for (const [frequency, begin, length] of notes) {
      const voice = context.createOscillator(), loudness = context.createGain(), at = context.currentTime + 0.05 + begin;
      voice.frequency.value = frequency;
      // Edges without clicks.
      loudness.gain.setValueAtTime(0, at);
      loudness.gain.linearRampToValueAtTime(0.3, at + 0.02);
      loudness.gain.setValueAtTime(0.3, at + length - 0.04);
      loudness.gain.linearRampToValueAtTime(0, at + length);
      voice.connect(loudness).connect(this.#out);
      voice.start(at);
      voice.stop(at + length);
      this.#voices += 1;
      voice.onended = () => { this.#voices -= 1; setTimeout(() => this.#rest(), REST_AFTER); };
    }
  }

  // What plays silence costs a small computer as much as a talk, all shift long.
  #rest() {
    if (this.#voices > 0 || !this.#context) return;
    this.#silence();
    this.#context.close();
    this.#context = null;
  }
}

/** How loud the microphone is, drawn until the stream ends or another is watched. */
class Level {
  #turn = 0; #source = null;

  watch(stream) {
    this.stop();
    const context = new AudioContext(), analyser = context.createAnalyser(), samples = new Float32Array(1024);
    this.#source = context;
    context.createMediaStreamSource(stream).connect(analyser);
    analyser.fftSize = samples.length;
    byId("heard").textContent = T.speak;
    const draw = () => {
      analyser.getFloatTimeDomainData(samples);
      const peak = samples.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
      byId("level").value = Math.min(1, Math.sqrt(peak));
      if (peak > VOICE) byId("heard").textContent = T.heard;
      this.#turn = requestAnimationFrame(draw);
    };
    draw();
  }

  stop() {
    cancelAnimationFrame(this.#turn);
    this.#source?.close();
    this.#source = null;
  }
}

const kept = () => { try { return JSON.parse(localStorage.getItem(DEVICES)) || {}; } catch { return {}; } };

/** The panel that tries the sound. Event `open`: the microphone can be used now. */
export class SoundCheck extends EventTarget {
  #microphone; #loudspeaker; #level = new Level(); #isShown = false;

  constructor({ microphone, loudspeaker, sounds }) {
    super();
    this.#microphone = microphone;
    this.#loudspeaker = loudspeaker;
    byId("allow").onclick = () => this.open();
    byId("tone").onclick = () => sounds.try();
    byId("microphone").onchange = (event) => { this.#keep({ microphone: event.target.value }); this.open(); };
    byId("speaker").onchange = (event) => { this.#keep({ speaker: event.target.value }); loudspeaker.choose(event.target.value); };
    loudspeaker.choose(kept().speaker || "");
    navigator.mediaDevices?.addEventListener("devicechange", () => this.#list());
  }

  /** Opens the microphone that was chosen; gives whether it is open. */
  async open() {
    try {
      await this.#microphone.open(kept().microphone);
    } catch (error) {
      this.#complain(T.noMicrophone[whyNoMicrophone(error)]);
      return false;
    }
    this.#complain("");
    await this.#list();
    this.#draw();
    this.dispatchEvent(new Event("open"));
    return true;
  }

  /** Whether it may be opened without asking. */
  async isAllowed() {
    const asked = await navigator.permissions?.query({ name: "microphone" }).catch(() => null);
    return asked?.state === "granted";
  }

  show(isShown) {
    this.#isShown = isShown;
    show("check", isShown);
    this.#draw();
  }

  #draw() {
    const isOpen = this.#microphone.isOpen;
    show("allow-part", !isOpen);
    show("devices", isOpen);
    if (isOpen && this.#isShown) this.#level.watch(this.#microphone.stream);
    else this.#level.stop();
  }

  #complain(why) {
    byId("sound-trouble").textContent = why;
    show("sound-trouble", Boolean(why));
  }

  async #list() {
    const all = await navigator.mediaDevices.enumerateDevices();
    const options = (kind) => {
      const named = all.filter((one) => one.kind === kind && one.deviceId && one.deviceId !== "default" && one.deviceId !== "communications");
      return [{ deviceId: "", label: T.usual }, ...named].map((one) => new Option(one.label, one.deviceId));
    };
    byId("microphone").replaceChildren(...options("audioinput"));
    byId("microphone").value = kept().microphone || "";
    byId("speaker").replaceChildren(...options("audiooutput"));
    byId("speaker").value = kept().speaker || "";
    show("speaker-part", this.#loudspeaker.canChoose);
    for (const select of [byId("microphone"), byId("speaker")]) if (select.selectedIndex < 0) select.selectedIndex = 0;
  }

  #keep(change) {
    try { localStorage.setItem(DEVICES, JSON.stringify({ ...kept(), ...change })); } catch { /* then until the page is left */ }
  }
}

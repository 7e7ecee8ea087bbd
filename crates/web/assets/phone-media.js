// Speech of a call in the browser: the microphone, the loudspeaker, and a WebRTC connection (RFC 8829)
// as narrow as the line's: one audio of G.711 and keys (RFC 4733), one port, no transcoding.

/** What is spoken; the line knows nothing else. */
const CODECS = ["audio/pcma", "audio/pcmu", "audio/telephone-event"];
/** Milliseconds of a key, and between two. */
const KEY_MS = 120, KEY_GAP_MS = 60;
/** A connection that is away for so long, in milliseconds, is looked for anew. */
const AWAY = 2_000;

/** What of the browser's sound is missing or refused: `insecure`, `refused`, `none`, `busy`. */
export function whyNoMicrophone(error) {
  if (!navigator.mediaDevices) return "insecure";
  if (error && (error.name === "NotAllowedError" || error.name === "SecurityError")) return "refused";
  return error && (error.name === "NotFoundError" || error.name === "OverconstrainedError") ? "none" : "busy";
}

/**
 * The microphone, opened once for a shift: an answer then costs no time and asks nobody. Events:
 * `changed` (another device, or the same anew), `lost`.
 */
export class Microphone extends EventTarget {
  #stream = null;

  get isOpen() { return Boolean(this.#stream); }
  get stream() { return this.#stream; }
  get device() { return this.#stream ? this.#stream.getAudioTracks()[0].getSettings().deviceId || "" : ""; }

  /** Opens a device, or the usual one if it is not there (any more). */
  async open(device = "") {
    const wishes = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    if (!navigator.mediaDevices) throw new Error("no media devices outside of HTTPS");
    const ask = (audio) => navigator.mediaDevices.getUserMedia({ audio });
    let stream;
    try {
      stream = await ask(device ? { ...wishes, deviceId: { exact: device } } : wishes);
    } catch (error) {
      if (!device || error.name !== "OverconstrainedError") throw error;
      stream = await ask(wishes);
    }
    this.close();
    this.#stream = stream;
    stream.getAudioTracks()[0].onended = () => {
      if (this.#stream !== stream) return;
      this.#stream = null;
      this.dispatchEvent(new Event("lost"));
    };
    this.dispatchEvent(new Event("changed"));
  }

  close() {
    if (!this.#stream) return;
    for (const track of this.#stream.getTracks()) track.stop();
    this.#stream = null;
  }

  /** The track for one call: each is muted by itself. */
  track() {
    if (!this.#stream) throw new Error("the microphone is not open");
    return this.#stream.getAudioTracks()[0].clone();
  }
}

/** Where callers are heard. */
export class Loudspeaker {
  #elements = new Set();
  #device = "";

  get canChoose() { return "setSinkId" in HTMLMediaElement.prototype; }

  choose(device) {
    this.#device = device;
    return Promise.all([...this.#elements].map((element) => this.#lead(element)));
  }

  /** Plays a stream until it is taken back with what is given. */
  play(stream) {
    const element = new Audio();
    element.srcObject = stream;
    this.#elements.add(element);
    this.#lead(element);
    // Without a gesture of the user the browser may be silent until there is one.
    element.play().catch(() => addEventListener("pointerdown", () => element.play().catch(() => {}), { once: true }));
    return () => { element.pause(); element.srcObject = null; this.#elements.delete(element); };
  }

  // The device may have been unplugged; the usual one is better than silence.
  #lead(element) {
    return this.canChoose ? element.setSinkId(this.#device).catch(() => element.setSinkId("")) : Promise.resolve();
  }
}

/**
 * The speech of one call. Events: `way` (it has found one to the line), `lost` (it has none any more, and another is to be
 * found).
 */
export class Speech extends EventTarget {
  #connection; #microphone; #loudspeaker; #transceiver = null; #track; #silence = () => {}; #mute = true; #held = false; #away = 0;

  constructor({ microphone, loudspeaker, iceServers = [] }) {
    super();
    this.#microphone = microphone;
    this.#loudspeaker = loudspeaker;
    this.#connection = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle", rtcpMuxPolicy: "require" });
    this.#track = microphone.track();
    this.#track.enabled = false;
    this.#connection.ontrack = ({ track, streams }) => {
      this.#silence();
      this.#silence = loudspeaker.play(streams[0] || new MediaStream([track]));
    };
    this.#connection.oniceconnectionstatechange = () => this.#watch();
    microphone.addEventListener("changed", this.#changed);
  }

  /** Our offer. The peer is on an open address (ICE lite, RFC 8445 §2.5), so no candidate is waited for: it learns ours from our checks. */
  async offer({ isRestart = false } = {}) {
    const connection = this.#connection;
    if (!this.#transceiver) this.#begin();
    if (isRestart) connection.restartIce();
    await connection.setLocalDescription(await connection.createOffer());
    return connection.localDescription.sdp;
  }

  /** Our answer to an offer of the line. */
  async answer(offer) {
    const connection = this.#connection;
    if (!this.#transceiver) this.#begin();
    await connection.setRemoteDescription({ type: "offer", sdp: offer });
    await connection.setLocalDescription(await connection.createAnswer());
    return connection.localDescription.sdp;
  }

  /** The line's answer to our offer; one before the call is answered may be followed by another. */
  async take(answer, { isEarly = false } = {}) {
    if (this.#connection.signalingState === "stable") return;
    await this.#connection.setRemoteDescription({ type: isEarly ? "pranswer" : "answer", sdp: answer });
  }

  /** An offer that came to nothing. */
  async takeBack() {
    if (this.#connection.signalingState === "have-local-offer") await this.#connection.setLocalDescription({ type: "rollback" });
  }

  /** Whether what is said has a way to the line, and back. */
  get hasWay() { return ["connected", "completed"].includes(this.#connection.iceConnectionState); }

  /** Waits for a way, so many milliseconds at most; gives whether there is one. */
  findsWay(within) {
    if (this.hasWay) return Promise.resolve(true);
    return new Promise((told) => {
      const end = () => { clearTimeout(late); this.removeEventListener("way", end); told(this.hasWay); };
      const late = setTimeout(end, within);
      this.addEventListener("way", end);
    });
  }

  get isMuted() { return this.#mute; }

  mute(isMuted) {
    this.#mute = isMuted;
    this.#turn();
  }

  /** For the next offer: on hold nothing of what is said at the desk goes out. */
  hold(isHeld) {
    this.#held = isHeld;
    this.#transceiver.direction = isHeld ? "sendonly" : "sendrecv";
    this.#turn();
  }

  /** Sends a key as RFC 4733 says; `false` if that was not agreed on. */
  key(key) {
    const dtmf = this.#transceiver?.sender.dtmf;
    if (!dtmf || !dtmf.canInsertDTMF) return false;
    // What is still to be sent must not be forgotten for the new one.
    dtmf.insertDTMF(dtmf.toneBuffer + key, KEY_MS, KEY_GAP_MS);
    return true;
  }

  close() {
    clearTimeout(this.#away);
    this.#microphone.removeEventListener("changed", this.#changed);
    this.#silence();
    this.#track.stop();
    this.#connection.close();
  }

  #begin() {
    const sender = this.#connection.addTrack(this.#track, new MediaStream([this.#track]));
    this.#transceiver = this.#connection.getTransceivers().find((one) => one.sender === sender);
    const known = RTCRtpReceiver.getCapabilities("audio").codecs;
    const ours = CODECS.flatMap((name) => known.filter((codec) => codec.mimeType.toLowerCase() === name && codec.clockRate === 8000));
    this.#transceiver.setCodecPreferences?.(ours);
  }

  #turn() {
    this.#track.enabled = !this.#mute && !this.#held;
  }

  #changed = async () => {
    const old = this.#track;
    this.#track = this.#microphone.track();
    this.#turn();
    await this.#transceiver?.sender.replaceTrack(this.#track);
    old.stop();
  };

  #watch() {
    clearTimeout(this.#away);
    if (this.hasWay) this.dispatchEvent(new Event("way"));
    const state = this.#connection.iceConnectionState;
    const tell = () => this.dispatchEvent(new Event("lost"));
    if (state === "failed") tell();
    else if (state === "disconnected") this.#away = setTimeout(tell, AWAY);
  }
}

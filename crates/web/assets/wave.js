// The loudness of both sides of a recording over time, as a picture: left above, right below.

const NAMES = "http://www.w3.org/2000/svg";
/** The picture is so wide, in steps of time, and each side so high. */
const WIDTH = 1000, HEIGHT = 100;
/** Samples a second: what the line records. */
const RATE = 8000;

function shape(tag, kind, attributes = {}) {
  const made = document.createElementNS(NAMES, tag);
  made.setAttribute("class", kind);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/** The loudest sample of each step of time, 0 to 1. */
function peaks(samples) {
  const loudest = new Float32Array(WIDTH);
  for (let at = 0; at < samples.length; at++) {
    const step = Math.floor(at * WIDTH / samples.length), loud = Math.abs(samples[at]);
    if (loud > loudest[step]) loudest[step] = loud;
  }
  return loudest;
}

/** An outline around the middle of a side; by roots, so that quiet speech is seen beside loud. */
function outline(loudest, middle) {
  const reach = Array.from(loudest, (loud) => 1 + (HEIGHT / 2 - 3) * Math.sqrt(Math.min(1, loud)));
  const edge = (sign) => reach.map((one, step) => `${step} ${(middle + sign * one).toFixed(1)}`);
  return `M${[...edge(-1), ...edge(1).reverse()].join("L")}Z`;
}

export class Wave {
  #played = shape("rect", "played", { x: 0, y: 0, width: 0, height: 2 * HEIGHT });
  #here = shape("line", "here", { x1: 0, x2: 0, y1: 0, y2: 2 * HEIGHT });
  #sides = ["caller", "agent"].map((kind) => shape("path", kind));
  /** The picture. */
  drawing = shape("svg", "wave", { viewBox: `0 0 ${WIDTH} ${2 * HEIGHT}`, preserveAspectRatio: "none", role: "img" });

  /** `choose` is told the share of the time at which somebody has pointed. */
  constructor(title, choose) {
    const middle = shape("line", "middle", { x1: 0, x2: WIDTH, y1: HEIGHT, y2: HEIGHT });
    this.drawing.setAttribute("aria-label", title);
    this.drawing.append(this.#played, middle, ...this.#sides, this.#here);
    this.drawing.onclick = ({ clientX }) => {
      const { left, width } = this.drawing.getBoundingClientRect();
      choose((clientX - left) / width);
    };
  }

  /** Draws a sound file. */
  async draw(file) {
    // No loudspeaker, and no more samples than the file has.
    const sound = await new OfflineAudioContext(2, 1, RATE).decodeAudioData(file);
    this.#sides.forEach((side, channel) => {
      side.setAttribute("d", outline(peaks(sound.getChannelData(channel)), HEIGHT * (channel + 0.5)));
    });
  }

  /** Shows how far it was played. */
  mark(share) {
    const x = Math.min(1, share) * WIDTH;
    this.#played.setAttribute("width", x);
    this.#here.setAttribute("x1", x);
    this.#here.setAttribute("x2", x);
  }
}

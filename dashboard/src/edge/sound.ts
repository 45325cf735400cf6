// Sounds of the page, and whether the browser lets them out. Four of them that cannot be taken for
// each other: alarm (two falling tones), wrong vial (low, rough, long), taken (short, high), blind
// (slow, three equal).
export type Tone = "alarm" | "wrong" | "good" | "blind" | "test";

let context: AudioContext | null = null;

const kTones: Record<Tone, { wave: OscillatorType; notes: [hertz: number, ms: number][] }> = {
  alarm: { wave: "square", notes: [[988, 180], [659, 260], [988, 180], [659, 260]] },
  wrong: { wave: "sawtooth", notes: [[110, 350], [82, 650]] },
  good: { wave: "sine", notes: [[1568, 90]] },
  blind: { wave: "triangle", notes: [[440, 400], [0, 200], [440, 400], [0, 200], [440, 400]] },
  test: { wave: "square", notes: [[988, 180], [659, 260]] },
};

export function startSound(): void {
  try {
    context ??= new AudioContext();
  } catch {
    context = null;
  }
  const wake = () => void context?.resume();
  window.addEventListener("pointerdown", wake, { capture: true });
  window.addEventListener("keydown", wake, { capture: true });
}

// Blocked by the browser until somebody touches the page: that is a fault, not a setting.
export const soundBlocked = (): boolean => context === null || context.state !== "running";

// The touch that wakes the sound is heard as well; a tone nobody's hand asked for is not kept for later.
export function play(tone: Tone): void {
  if (!context) return;
  if (context.state === "running") return ring(context, tone);
  const awake = context;
  if (navigator.userActivation.isActive) void awake.resume().then(() => ring(awake, tone), () => undefined);
}

function ring(context: AudioContext, tone: Tone): void {
  document.documentElement.dataset["sounded"] = tone;
  const { wave, notes } = kTones[tone];
  let at = context.currentTime;
  for (const [hertz, ms] of notes) {
    if (hertz > 0) {
      const oscillator = new OscillatorNode(context, { type: wave, frequency: hertz });
      const gain = new GainNode(context, { gain: 0.25 });
      oscillator.connect(gain).connect(context.destination);
      oscillator.start(at);
      oscillator.stop(at + ms / 1_000);
    }
    at += ms / 1_000;
  }
}

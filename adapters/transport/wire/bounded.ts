/**
 * Reads bytes that a stranger sent, never past their end: lib0 slices from the buffer behind them, which in Node may be a pool
 * that holds what others sent.
 */

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A cursor over one message; every read checks first that it is there. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#bytes.length - this.#position;
  }

  /** How many bytes have been read. */
  get position(): number {
    return this.#position;
  }

  /** @throws RangeError at the end */
  uint8(): number {
    const byte = this.#bytes[this.#position];
    if (byte === undefined) throw truncated();
    this.#position++;
    return byte;
  }

  /**
   * Reads lib0's `varUint`.
   *
   * @throws RangeError at the end, or for a number that is not safe
   */
  varUint(): number {
    let number = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.uint8();
      number += (byte & 127) * factor;
      if (number > Number.MAX_SAFE_INTEGER) throw new RangeError("a number is too large");
      if (byte < 128) return number;
    }
  }

  /**
   * Reads lib0's `varInt`, whose first byte holds the sign.
   *
   * @throws RangeError at the end, or for a number that is not safe
   */
  varInt(): number {
    const first = this.uint8();
    let number = first & 63;
    for (let factor = 64, byte = first; byte >= 128; factor *= 128) {
      byte = this.uint8();
      number += (byte & 127) * factor;
      if (number > Number.MAX_SAFE_INTEGER) throw new RangeError("a number is too large");
    }
    return (first & 64) > 0 ? -number : number;
  }

  /** A length or a count of things that take a byte each at least, so that a lie is found before anything is allocated. */
  count(): number {
    const count = this.varUint();
    if (count > this.left) throw truncated();
    return count;
  }

  /** @throws RangeError when fewer are left */
  bytes(length: number): Uint8Array {
    if (length > this.left) throw truncated();
    const slice = this.#bytes.subarray(this.#position, this.#position + length);
    this.#position += length;
    return slice;
  }

  /** Reads lib0's `varUint8Array`; a view, no copy. */
  varBytes(): Uint8Array {
    return this.bytes(this.count());
  }

  /** @throws RangeError at the end, TypeError for text that is not UTF-8 */
  varString(): string {
    const bytes = this.varBytes();
    return bytes.length < SHORT ? (shortAscii(bytes) ?? utf8.decode(bytes)) : utf8.decode(bytes);
  }

  float32(): number {
    return view(this.bytes(4)).getFloat32(0);
  }

  float64(): number {
    return view(this.bytes(8)).getFloat64(0);
  }

  /** All that is left; a view, no copy. */
  rest(): Uint8Array {
    return this.bytes(this.left);
  }
}

/** Below this a text is read faster byte by byte than by a decoder. */
const SHORT = 24;

function shortAscii(bytes: Uint8Array): string | undefined {
  let text = "";
  for (const byte of bytes) {
    if (byte > 127) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function truncated(): RangeError {
  return new RangeError("it ends too early");
}

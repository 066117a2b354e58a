/** What part of the plane is shown: the place in its middle, and pixels to one unit. */
export type View = { readonly x: number; readonly y: number; readonly scale: number };

export type PointColours = { readonly rgb: Uint8Array; readonly chosen: readonly number[] };

/** Draws points on a canvas. */
export interface PointRenderer {
  readonly kind: 'webgl' | 'canvas';
  setPlaces(places: Float32Array): void;
  /** @param colours three bytes for each point; chosen points are drawn last, the others fade while there are any. */
  setColours(colours: PointColours): void;
  draw(view: View, width: number, height: number, ratio: number, isDark: boolean): void;
  dispose(): void;
}

/** On the graphics card where there is one, by plain drawing else. */
export const createPointRenderer = (canvas: HTMLCanvasElement): PointRenderer =>
  webglRenderer(canvas) ?? canvasRenderer(canvas);

/** Size of a point in pixels: larger as one looks closer, so that it stays a mark and never a blot. */
const pointSize = (scale: number, count: number): number =>
  Math.max(2.2, Math.min(11, (scale / 190) * Math.max(2.6, Math.min(7, 260 / Math.sqrt(count + 1)))));

const VERTEX = `#version 300 es
in vec2 place;
in vec3 colour;
uniform vec2 middle;
uniform vec2 zoom;
uniform float size;
uniform float opacity;
out vec4 tint;
void main() {
  gl_Position = vec4((place - middle) * zoom, 0.0, 1.0);
  gl_PointSize = size;
  tint = vec4(colour, opacity);
}`;

const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 tint;
out vec4 result;
void main() {
  float distance = length(gl_PointCoord - 0.5);
  if (distance > 0.5) discard;
  float alpha = tint.a * (1.0 - smoothstep(0.38, 0.5, distance));
  result = vec4(tint.rgb * alpha, alpha);
}`;

const FADED = 0.13;

function webglRenderer(canvas: HTMLCanvasElement): PointRenderer | null {
  const gl = canvas.getContext('webgl2', { antialias: false, premultipliedAlpha: true });
  const program = gl === null ? null : link(gl);
  if (gl === null || program === null) return null;
  const uniform = (name: string) => gl.getUniformLocation(program, name);
  const [middle, zoom, size, opacity] = ['middle', 'zoom', 'size', 'opacity'].map(uniform);
  const [places, colours, order] = [gl.createBuffer(), gl.createBuffer(), gl.createBuffer()];
  const attribute = (name: string, buffer: WebGLBuffer | null, width: number, type: number) => {
    const at = gl.getAttribLocation(program, name);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, width, type, type === gl.UNSIGNED_BYTE, 0, 0);
  };
  // biome-ignore lint/correctness/useHookAtTopLevel: of the graphics card, not of React
  gl.useProgram(program);
  attribute('place', places, 2, gl.FLOAT);
  attribute('colour', colours, 3, gl.UNSIGNED_BYTE);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  let [count, chosen] = [0, 0];
  return {
    kind: 'webgl',
    setPlaces(data) {
      count = data.length / 2;
      gl.bindBuffer(gl.ARRAY_BUFFER, places);
      gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
    },
    setColours({ rgb, chosen: rows }) {
      chosen = rows.length;
      gl.bindBuffer(gl.ARRAY_BUFFER, colours);
      gl.bufferData(gl.ARRAY_BUFFER, rgb, gl.DYNAMIC_DRAW);
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, order);
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, Uint32Array.from(rows), gl.DYNAMIC_DRAW);
    },
    draw(view, width, height, ratio) {
      fit(canvas, width, height, ratio);
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.uniform2f(middle ?? null, view.x, view.y);
      gl.uniform2f(zoom ?? null, (2 * view.scale) / width, (2 * view.scale) / height);
      gl.uniform1f(size ?? null, pointSize(view.scale, count) * ratio);
      gl.uniform1f(opacity ?? null, chosen > 0 ? FADED : 0.85);
      gl.drawArrays(gl.POINTS, 0, count);
      if (chosen === 0) return;
      gl.uniform1f(opacity ?? null, 1);
      gl.uniform1f(size ?? null, (pointSize(view.scale, count) + 2) * ratio);
      gl.drawElements(gl.POINTS, chosen, gl.UNSIGNED_INT, 0);
    },
    dispose() {
      for (const buffer of [places, colours, order]) gl.deleteBuffer(buffer);
      gl.deleteProgram(program);
    },
  };
}

function link(gl: WebGL2RenderingContext): WebGLProgram | null {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(type);
    if (shader === null) return null;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  return gl.getProgramParameter(program, gl.LINK_STATUS) ? program : null;
}

function canvasRenderer(canvas: HTMLCanvasElement): PointRenderer {
  const context = canvas.getContext('2d');
  let places: Float32Array = new Float32Array();
  let colours: PointColours = { rgb: new Uint8Array(), chosen: [] };
  return {
    kind: 'canvas',
    setPlaces(data) {
      places = data;
    },
    setColours(next) {
      colours = next;
    },
    draw(view, width, height, ratio) {
      if (context === null) return;
      fit(canvas, width, height, ratio);
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, width, height);
      const { rgb, chosen } = colours;
      const size = pointSize(view.scale, places.length / 2);
      const mark = (row: number, wide: number) => {
        const x = width / 2 + ((places[2 * row] as number) - view.x) * view.scale;
        const y = height / 2 - ((places[2 * row + 1] as number) - view.y) * view.scale;
        if (x < -wide || y < -wide || x > width + wide || y > height + wide) return;
        context.fillStyle = `rgb(${rgb[3 * row]},${rgb[3 * row + 1]},${rgb[3 * row + 2]})`;
        context.fillRect(x - wide / 2, y - wide / 2, wide, wide);
      };
      context.globalAlpha = chosen.length > 0 ? FADED : 0.85;
      for (let row = 0; row < places.length / 2; row++) mark(row, size);
      context.globalAlpha = 1;
      for (const row of chosen) mark(row, size + 2);
    },
    dispose() {},
  };
}

function fit(canvas: HTMLCanvasElement, width: number, height: number, ratio: number): void {
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
}

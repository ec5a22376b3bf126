import type { Box, Geometry, Point } from '../../../../src/projections/chart/geometry.ts';
import { heightOf, widestOf } from '../../../../src/projections/chart/text.ts';

const overlap = (a: Box, b: Box): boolean => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const inside = (a: Box, b: Box): boolean => a.x >= b.x && a.y >= b.y && a.x + a.width <= b.x + b.width && a.y + a.height <= b.y + b.height;
const isOn = ({ x, y }: Point, box: Box): boolean => x >= box.x - 1 && x <= box.x + box.width + 1 && y >= box.y - 1 && y <= box.y + box.height + 1;

/** The box is crossed by the line in its inside, not touched at its edge. */
function crosses(a: Point, b: Point, { x, y, width, height }: Box): boolean {
  const [left, right, top, bottom] = [x + 1.5, x + width - 1.5, y + 1.5, y + height - 1.5];
  return Math.max(a.x, b.x) > left && Math.min(a.x, b.x) < right && Math.max(a.y, b.y) > top && Math.min(a.y, b.y) < bottom;
}

/** Everything that makes a drawing hard to read, a line each; none for a legible one. */
export function faults({ width, height, states, labels, edges, starts }: Geometry): readonly string[] {
  const found: string[] = [];
  const byId = new Map(states.map((state) => [state.state.id, state]));
  const above = (id: string): string[] => {
    const parent = byId.get(id)?.state.parent ?? null;
    return parent === null ? [] : [parent, ...above(parent)];
  };
  const paper = { x: 0, y: 0, width, height };
  for (const box of [...states, ...labels, ...starts]) if (!inside(box, paper)) found.push(`${JSON.stringify(box).slice(0, 80)} is off the paper`);

  for (const [i, one] of states.entries()) {
    const { state, lines } = one;
    if (lines.length > 0 && (widestOf(lines) > one.width || heightOf(lines) > one.height)) found.push(`the text of ${state.id} is too large for its box`);
    if (state.parent !== null && byId.has(state.parent) && !inside(one, byId.get(state.parent) as Box)) found.push(`${state.id} sticks out of its parent`);
    for (const other of states.slice(i + 1)) {
      if (above(other.state.id).includes(state.id)) {
        const head = { x: one.x, y: one.y, width: one.width, height: heightOf(lines) + 8 };
        if (overlap(other, head)) found.push(`${other.state.id} hides the name of ${state.id}`);
      } else if (overlap(one, other)) found.push(`${state.id} and ${other.state.id} overlap`);
    }
  }
  for (const [i, label] of labels.entries()) {
    const { id } = label.transition;
    if (widestOf(label.lines) > label.width || heightOf(label.lines) > label.height) found.push(`the text of ${id} is too large for its label`);
    for (const other of labels.slice(i + 1)) if (overlap(label, other)) found.push(`the labels ${id} and ${other.transition.id} overlap`);
    for (const box of states) {
      if (!box.isOpen && overlap(label, box)) found.push(`the label ${id} lies over ${box.state.id}`);
      const isHolder = box.isOpen && inside(label, box);
      if (box.isOpen && overlap(label, box) && !isHolder) found.push(`the label ${id} lies over the edge of ${box.state.id}`);
      if (isHolder && overlap(label, { ...box, height: heightOf(box.lines) + 8 })) found.push(`the label ${id} hides the name of ${box.state.id}`);
      const isForeign = ![label.transition.source, ...label.transition.targets].some((end) => end === box.state.id || above(end).includes(box.state.id));
      if (isHolder && isForeign) found.push(`the label ${id} lies in the foreign state ${box.state.id}`);
    }
  }
  for (const { transition, part, points } of edges) {
    const [first, last] = [points[0], points.at(-1)];
    if (first === undefined || last === undefined) { found.push(`${transition.id} (${part}) is not drawn`); continue; }
    const label = labels.find((one) => one.transition === transition) as Box;
    const source = byId.get(transition.source) as Box;
    const targets = transition.targets.map((id) => byId.get(id) as Box);
    if (part === 'out' && !(isOn(first, source) && isOn(last, label))) found.push(`${transition.id} does not lead from its source to its label`);
    if (part === 'in' && !(isOn(first, label) && targets.some((target) => isOn(last, target)))) found.push(`${transition.id} does not lead from its label to a target`);
    for (const [i, point] of points.slice(1).entries()) {
      const before = points[i] as Point;
      for (const box of states) if (!box.isOpen && crosses(before, point, box)) found.push(`${transition.id} (${part}) runs through ${box.state.id}`);
      for (const box of labels) if (box.transition !== transition && crosses(before, point, box)) found.push(`${transition.id} (${part}) runs through the label of ${box.transition.id}`);
    }
  }
  return found;
}

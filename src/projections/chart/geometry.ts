import type { ChartState } from './chart.ts';
import type { DrawnTransition } from './fold.ts';

/** Pixels from the drawing's top left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A line of text, and how it is set. `chips` are tags. */
export interface TextLine {
  readonly text: string;
  readonly style: 'title' | 'detail' | 'trigger' | 'guard' | 'chips';
}

export interface PlacedState extends Box {
  readonly state: ChartState;
  /** From the top of the box. */
  readonly lines: readonly TextLine[];
  readonly isOpen: boolean;
}

export interface PlacedLabel extends Box {
  readonly transition: DrawnTransition;
  readonly lines: readonly TextLine[];
}

/** One stretch of a transition: from its source to its label, or from its label to a target. */
export interface PlacedEdge {
  readonly transition: DrawnTransition;
  readonly part: 'out' | 'in';
  readonly points: readonly Point[];
}

/** The dot and the arrow that show where a compound state begins. */
export interface PlacedStart extends Box {
  readonly state: string;
  readonly points: readonly Point[];
}

/** A chart laid out. States stand outermost first, so that painting in this order is right. */
export interface Geometry {
  readonly width: number;
  readonly height: number;
  readonly name: string;
  readonly states: readonly PlacedState[];
  readonly labels: readonly PlacedLabel[];
  readonly edges: readonly PlacedEdge[];
  readonly starts: readonly PlacedStart[];
}

// What the scripts of the panels find in place, for the type checker (`make check`). Nothing of it reaches the page.

// Gradio calls a panel's script as a function with these arguments.
declare const element: HTMLElement;
declare const props: any;
declare const server: Record<string, (...values: any[]) => Promise<any>>;
declare function trigger(name: string, detail?: unknown): void;
declare function watch(properties: string | string[], changed: () => void): void;
declare function upload(file: File): Promise<{ path: string; url: string }>;

// The page's own.
declare const lenet: any;
declare const lenetPalettes: Record<string, number[][]>;
declare const lenetLanguage: any;
declare const lenetChinese: any;
declare var lenetPreparation: any;
declare var lenetEvaluator: any;
declare var lenetAnswerer: any;
declare const lenetStorage: { works: boolean; read(name: string): any; write(name: string, value: unknown): boolean };
declare var lenetLink: any;
interface Window {
  lenet: any;
  lenetLanguage: any;
  lenetStorage: any;
}

// A panel knows the elements of its own .html file, and a type checker does not.
interface ParentNode {
  querySelector(selector: string): any;
  querySelectorAll(selector: string): any;
}
interface HTMLElement {
  addEventListener(name: string, act: (event: any) => void, options?: boolean | AddEventListenerOptions): void;
  closest(selector: string): any;
}
interface Document {
  addEventListener(name: string, act: (event: any) => void, options?: boolean | AddEventListenerOptions): void;
  querySelector(selector: string): any;
  querySelectorAll(selector: string): any;
}
interface Element {
  setAttribute(name: string, value: unknown): void;
  querySelector(selector: string): any;
}
interface CSSStyleDeclaration {
  setProperty(name: string, value: unknown): void;
}

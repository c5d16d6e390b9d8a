/**
 * <coursegate-player src="{url of POST /v1/embed/token}" label="Quiz on tides"></coursegate-player>
 *
 * An assessment in a frame; a new `src` replaces it. `label` names the frame, `loading` is the frame's.
 * Events: coursegate:ready, saved, submitted, resize, error; `detail` is what the player says. Its own errors:
 * `invalid_src` (no address), `not_ready` (loaded, then silent for 20 s).
 */
{
  class CoursegatePlayer extends HTMLElement {
    static observedAttributes = ["src", "label", "title", "loading"];
    #root = this.attachShadow({ mode: "open" });
    #frame;
    #origin;
    #timer;

    get src() { return this.getAttribute("src") ?? ""; }
    set src(url) { this.setAttribute("src", url); }

    connectedCallback() {
      addEventListener("message", this.#hear);
      if (!this.#frame) this.#show();
    }
    disconnectedCallback() {
      removeEventListener("message", this.#hear);
      clearTimeout(this.#timer);
    }
    attributeChangedCallback(name, old, now) {
      if (name !== "src") return this.#name();
      if (old === now) return;
      this.#frame = null;
      if (this.isConnected) this.#show();
    }

    #name() {
      if (!this.#frame) return;
      this.#frame.title = this.getAttribute("label") || this.title || "Assessment";
      this.#frame.loading = this.getAttribute("loading") ?? "eager";
    }

    // A new frame each time: one that is sent elsewhere leaves its old address in the history.
    #show() {
      clearTimeout(this.#timer);
      this.#root.replaceChildren();
      if (!this.src) return;
      const url = Object.assign(document.createElement("a"), { href: this.src });
      if (!/^http/.test(url.protocol)) return this.#say("error", { code: "invalid_src" });
      const frame = (this.#frame = document.createElement("iframe"));
      frame.sandbox = "scripts same-origin forms modals popups popups-to-escape-sandbox".replace(/\S+/g, "allow-$&");
      frame.referrerPolicy = "no-referrer";
      Object.assign(frame.style, { display: "block", width: "100%", height: "30rem", border: 0 });
      const silent = () => this.#say("error", { code: "not_ready" });
      frame.onload = () => (clearTimeout(this.#timer), (this.#timer = setTimeout(silent, 20000)));
      this.#origin = url.origin;
      this.#name();
      frame.src = url.href;
      this.#root.append(frame);
    }

    #hear = ({ data, origin, source }) => {
      const frame = this.#frame;
      const name = /^coursegate:(ready|saved|submitted|resize|error)$/.exec(data?.type)?.[1];
      if (!name || !source || source !== frame?.contentWindow || origin !== this.#origin) return;
      clearTimeout(this.#timer);
      if (name === "resize") frame.style.height = `${data.height}px`;
      const { type, ...detail } = data;
      this.#say(name, detail);
    };

    #say(name, detail) {
      this.dispatchEvent(new CustomEvent("coursegate:" + name, { detail, bubbles: true, composed: true }));
    }
  }

  customElements.get("coursegate-player") ?? customElements.define("coursegate-player", CoursegatePlayer);
}

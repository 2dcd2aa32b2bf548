// Runs in the host page, in a script world of its own: the plugin's page shares neither its
// globals nor the way to the program. Passes messages on; looks at them no closer than needed.
(function (config) {
  'use strict';
  const native = window.webkit.messageHandlers[config.handler];
  const encoder = new TextEncoder();
  const frame = () => document.querySelector('iframe');

  const bucket = (rate, burst) => {
    let left = burst;
    let at = performance.now();
    const fill = () => {
      const now = performance.now();
      left = Math.min(burst, left + ((now - at) * rate) / 1000);
      at = now;
      return left >= 1;
    };
    return {
      fill,
      take() {
        if (!fill()) return false;
        left -= 1;
        return true;
      },
    };
  };
  const messages = bucket(config.rate, config.burst);
  const lines = bucket(config.lineRate, config.lineBurst);

  // What was left out is told once a second at most.
  let dropped = 0;
  let tooLarge = 0;
  let linesLeftOut = 0;
  let telling = false;
  const tellLater = () => {
    if (telling) return;
    telling = true;
    setTimeout(() => {
      telling = false;
      if (dropped > 0 || tooLarge > 0) native.postMessage('dropped\n' + JSON.stringify([dropped, tooLarge]));
      if (linesLeftOut > 0) native.postMessage('left-out\n' + linesLeftOut);
      dropped = tooLarge = linesLeftOut = 0;
    }, 1000);
  };

  const line = (data) => {
    if (!lines.take()) {
      linesLeftOut += 1;
      tellLater();
      return;
    }
    const level = config.levels.includes(data.level) ? data.level : 'info';
    native.postMessage('line\n' + level + '\n' + String(data.text).slice(0, config.lineLimit));
  };

  const message = (data) => {
    let body;
    try {
      body = JSON.stringify(data);
    } catch {
      // Neither cycles nor BigInt can be passed on.
    }
    if (body === undefined || !messages.take()) {
      dropped += 1;
      tellLater();
      return;
    }
    // A character is a byte at least: most that is too long need not be encoded to know it.
    if (body.length > config.limit || encoder.encode(body).length > config.limit) {
      tooLarge += 1;
      tellLater();
      return;
    }
    native.postMessage('message\n{"text":' + (typeof data === 'string') + ',"data":' + body + '}');
  };

  window.addEventListener('message', (event) => {
    if (!event.isTrusted || event.origin !== config.origin) return;
    // `window`: a page that keeps `parent.postMessage` in a variable posts in the name of this window.
    if (event.source !== frame()?.contentWindow && event.source !== window) return;
    // Before the data is looked at: reading it copies it.
    if (!messages.fill() && !lines.fill()) {
      dropped += 1;
      tellLater();
      return;
    }
    const data = event.data;
    if (typeof data === 'object' && data !== null && data.source === 'trunkline-log') line(data);
    else message(data);
  });

  // The policy of this page has kept the frame from going somewhere.
  document.addEventListener('securitypolicyviolation', (event) => {
    if (event.isTrusted && lines.take()) native.postMessage('kept\n' + event.blockedURI.slice(0, config.lineLimit));
  });

  // A frame's load event does not bubble, but it is seen on the way down.
  document.addEventListener(
    'load',
    (event) => {
      if (event.target === frame()) native.postMessage('loaded\n');
    },
    true,
  );

  // What the program calls.
  globalThis.trunklinePost = (value) => frame()?.contentWindow?.postMessage(value, config.origin);
})

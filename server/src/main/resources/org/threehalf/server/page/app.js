'use strict';

const $ = id => document.getElementById(id);
/** The conversation that is shown; another one is another array, so that an answer that is late goes nowhere. */
let messages = [];
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
  if (kind === 'error') item.setAttribute('role', 'alert');
  const name = document.createElement('b');
  name.textContent = who;
  const body = document.createElement('div');
  body.className = 'text';
  body.textContent = text;
  item.append(name, body);
  $('empty').hidden = true;
  $('conversation').append(item);
  $('scroll').scrollTop = $('scroll').scrollHeight;
  return {item, body};
}

/** Changes the conversation, and stays at its end where the reader is there. */
function follow(change) {
  const scroll = $('scroll');
  const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 48;
  change();
  if (atEnd) scroll.scrollTop = scroll.scrollHeight;
}

/** A seed that a number of JavaScript holds exactly. */
function seed() {
  return $('seed').value === '' ? crypto.getRandomValues(new Uint32Array(1))[0] : Number($('seed').value);
}

function request(seed) {
  const system = $('system').value.trim();
  const body = {
    messages: (system ? [{role: 'system', content: system}] : []).concat(messages),
    stream: true,
    stream_options: {include_usage: true},
    temperature: Number($('temperature').value),
    top_p: Number($('top_p').value),
    top_k: Number($('top_k').value),
    seed,
    threehalf: {logits_sha256: true}
  };
  if ($('max_tokens').value !== '') body.max_tokens = Number($('max_tokens').value);
  return body;
}

/** Calls back with the JSON of each event of a stream; fails where the stream ends before its end. */
async function events(response, event) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const {value, done} = await reader.read();
    if (done) throw new Error('the connection to the server was lost');
    const lines = (rest + value).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (line === 'data: [DONE]') return;
      if (line.startsWith('data: ')) event(JSON.parse(line.slice(6)));
    }
  }
}

async function refusal(response) {
  try {
    return (await response.json()).error.message;
  } catch {
    return 'the server answered with status ' + response.status;
  }
}

/** A line of small print under an answer. */
function note(item, text) {
  const line = document.createElement('p');
  line.className = 'note';
  line.textContent = text;
  follow(() => item.append(line));
}

async function send() {
  const text = $('message').value.trim();
  if (!text || running) return;
  const conversation = messages;
  const drawn = seed();
  const control = new AbortController();
  running = control;
  conversation.push({role: 'user', content: text});
  const body = JSON.stringify(request(drawn));
  $('message').value = '';
  show('You', text, 'user');
  const answer = show('Model', '', 'assistant');
  answer.item.setAttribute('aria-busy', 'true');
  $('send').disabled = true;
  $('stop').disabled = false;
  $('status').textContent = 'Reading the message …';
  let content = '';
  let pieces = 0;
  let tokens = 0;
  let cut = '';
  let begun = 0;
  let failed = null;
  try {
    const response = await fetch('v1/chat/completions', {method: 'POST', headers: headers(), body, signal: control.signal});
    if (!response.ok) throw new Error(await refusal(response));
    await events(response, chunk => {
      if (chunk.error) throw new Error(chunk.error.message);
      $('fingerprint').textContent = chunk.system_fingerprint;
      if (chunk.usage) tokens = chunk.usage.completion_tokens;
      if (chunk.threehalf) $('hash').textContent = chunk.threehalf.logits_sha256[0];
      if (chunk.choices[0]?.finish_reason === 'length') cut = ', cut at its limit';
      const more = chunk.choices[0]?.delta?.content;
      if (more) {
        begun = begun || performance.now();
        pieces++;
        content += more;
        follow(() => { answer.body.textContent = content; });
        const seconds = (performance.now() - begun) / 1000;
        $('status').textContent = seconds > 0.5 ? `Answering, ${(pieces / seconds).toFixed(0)} tokens/s …` : 'Answering …';
      }
    });
  } catch (error) {
    failed = error;
  }
  running = null;
  $('send').disabled = false;
  $('stop').disabled = true;
  $('message').focus();
  if (conversation !== messages) return;
  const seconds = (performance.now() - begun) / 1000;
  if (failed && failed.name !== 'AbortError') {
    $('status').textContent = '';
    show('Error', failed.message, 'error');
  } else if (failed) {
    $('status').textContent = 'Stopped.';
    note(answer.item, `stopped, seed ${drawn}`);
  } else {
    const rate = tokens > 1 && begun ? `, ${((tokens - 1) / seconds).toFixed(1)} tokens/s` : '';
    $('status').textContent = content ? 'Done.' : 'The answer is empty.';
    note(answer.item, `${tokens} tokens${cut}${rate}, seed ${drawn}`);
  }
  answer.item.removeAttribute('aria-busy');
  if (content) {
    conversation.push({role: 'assistant', content});
  } else {
    // Not said, as far as the model is concerned: it can be sent again.
    conversation.pop();
    if (failed) {
      answer.item.remove();
      $('message').value = $('message').value || text;
    }
  }
}

$('form').addEventListener('submit', event => {
  event.preventDefault();
  send();
});
// A setting that is out of its range is shown where it can be mended.
for (const input of $('form').elements) {
  input.addEventListener('invalid', () => input.closest('details')?.setAttribute('open', ''));
}
$('message').addEventListener('keydown', event => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    if (!running && $('message').value.trim()) $('form').requestSubmit();
  }
});
document.addEventListener('keydown', event => {
  if (event.key === 'Escape') running?.abort();
});
$('stop').addEventListener('click', () => running?.abort());
$('clear').addEventListener('click', () => {
  running?.abort();
  messages = [];
  $('conversation').replaceChildren();
  $('empty').hidden = false;
  $('status').textContent = 'A new conversation.';
  $('message').focus();
});

async function describe() {
  try {
    const response = await fetch('v1/threehalf/attestation', {headers: headers()});
    if (response.status === 401) {
      $('model').textContent = 'This server asks for an API key: see the settings.';
      $('settings').open = true;
      return;
    }
    const served = await response.json();
    $('model').textContent = `${served.model}, backend ${served.backend}`;
    $('fingerprint').textContent = served.system_fingerprint;
  } catch {
    $('model').textContent = 'The server does not answer.';
  }
}
$('key').addEventListener('change', describe);
if (matchMedia('(max-width: 50rem)').matches) {
  $('settings').open = false;
  $('served').open = false;
}
describe();

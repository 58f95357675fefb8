// SPDX-License-Identifier: BSD-3-Clause
// One machine: its state, error, targets, phases and rates. Beside the grid on a wide screen, over it on a narrow one.
import {Chart} from './chart.js';
import {make} from './dom.js';
import {clock, duration, nothing, percent, rate, size} from './format.js';
import {nameOf} from './room.js';
import {makeShape, stateName, stateOf} from './states.js';

const wide = matchMedia('(min-width: 60rem)');

const codes = {
	1: 'an error of the program itself',
	2: 'wrong command line',
	3: 'manifest, signature or torrent refused',
	4: 'disk missing, ambiguous, too small, in use or read-only',
	5: 'reading or writing a device failed',
	6: 'verification failed',
	7: 'network: nothing could be fetched in time',
};

function fact(name, value) {
	return make('div', {}, make('dt', {text: name}), make('dd', {text: value}));
}

function section(title, ...children) {
	return make('section', {}, make('h3', {text: title}), ...children);
}

function bar(name, value, total) {
	const share = total > 0 ? Math.min(100, (100 * value) / total) : 0;
	const fill = make('span', {class: 'fill'});
	fill.style.inlineSize = `${share}%`;
	return make('div', {class: 'measure'}, make('span', {text: name}), make('span', {class: 'track', 'aria-hidden': 'true'}, fill),
		make('span', {class: 'number', text: total > 0 ? `${size(value)}, ${percent(share)}` : nothing}));
}

function showError(machine) {
	if (!machine.error) {
		return machine.note ? make('p', {class: 'note', text: machine.note}) : null;
	}
	const {code, text} = machine.error;
	const meaning = code ? `Exit code ${code}${codes[code] ? `: ${codes[code]}` : ''}` : 'Error of a target';
	return make('div', {class: 'error'}, make('p', {class: 'meaning', text: meaning}), make('p', {class: 'text', text}));
}

function showPhases(data) {
	const {phases, machine, time} = data;
	const over = machine.state === 'done' || machine.state === 'failed';
	const lengths = phases.map((phase, i) => {
		const next = phases[i + 1];
		const last = over ? phase.began : machine.silent ? machine.seen : time;
		return ((next ? next.began : last) - phase.began) / 1000;
	});
	const longest = Math.max(...lengths, 1);
	const rows = phases.map((phase, i) => {
		const fill = make('span', {class: 'fill'});
		fill.style.inlineSize = `${Math.max(1, (100 * lengths[i]) / longest)}%`;
		const isEnd = over && i === phases.length - 1;
		return make('li', {'data-state': phase.state}, makeShape(phase.state),
			make('span', {text: stateName(phase.state) + (phase.first && i > 0 ? ' (started again)' : '')}),
			isEnd ? make('span') : make('span', {class: 'track', 'aria-hidden': 'true'}, fill),
			make('span', {class: 'number', text: isEnd ? '' : duration(lengths[i])}),
			make('time', {class: 'number', text: clock(phase.began), datetime: new Date(phase.began).toISOString()}));
	});
	return make('ol', {class: 'phases'}, ...rows);
}

function showTarget(target) {
	return make('div', {class: 'target'},
		make('p', {}, make('b', {text: target.device || 'target'}), ` ${stateName(target.state).toLowerCase()}, ${size(target.total)}`),
		bar('Verified', target.done, target.total), bar('Written', target.written, target.total),
		bar('Synced', target.synced, target.total),
		target.error ? make('p', {class: 'error text', text: target.error}) : null,
		target.note ? make('p', {class: 'note', text: target.note}) : null);
}

export class Detail {
	id = null; // of the machine that is shown; null: it is not known now
	factsOf = () => []; // further ones of a machine by its address: names and values
	#isMoving = false; // it is closed to be opened in another way
	#request = null;
	#parts = null;

	// onClose()
	constructor(dialog, onClose) {
		this.dialog = dialog;
		dialog.addEventListener('close', () => {
			if (this.#isMoving) {
				this.#isMoving = false;
				return;
			}
			const {id} = this;
			this.#request?.abort();
			this.id = null;
			document.body.classList.remove('beside');
			onClose(id);
		});
		dialog.addEventListener('keydown', (event) => {
			if (event.key === 'Escape') {
				event.preventDefault();
				dialog.close();
			}
		});
		wide.addEventListener('change', () => {
			if (dialog.open) {
				this.#place();
			}
		});
	}

	// machine: of the overview, shown at once
	open(machine) {
		const wasOpen = this.dialog.open;
		this.id = machine.id;
		this.#build(machine);
		if (!wasOpen) {
			this.#place();
		}
		this.#parts.title.focus();
		this.refresh();
	}

	// The newest of it. Not more than one request at a time.
	async refresh() {
		if (this.id === null) {
			return;
		}
		this.#request?.abort();
		const request = new AbortController();
		this.#request = request;
		try {
			const answer = await fetch(`api/machines/${this.id}`, {signal: request.signal});
			if (answer.ok) {
				const data = await answer.json();
				if (!request.signal.aborted && data.machine.id === this.id) {
					this.#show(data);
				}
			}
		} catch {
			// Without a connection what is known stays; the head of the page says so.
		}
	}

	#place() {
		const dialog = this.dialog;
		if (dialog.open) {
			this.#isMoving = true;
			dialog.close();
		}
		document.body.classList.toggle('beside', wide.matches);
		if (wide.matches) {
			dialog.show();
		} else {
			dialog.showModal();
		}
	}

	#build(machine) {
		const title = make('h2', {id: 'detail-title', tabindex: '-1', text: nameOf(machine)});
		const close = make('button', {type: 'button', class: 'close', text: 'Close'});
		close.addEventListener('click', () => this.dialog.close());
		const figure = make('figure', {class: 'chart'}, make('figcaption', {}, make('b', {text: 'Rates'})));
		this.#parts = {title, body: make('div', {class: 'body'}), rest: make('div', {class: 'body'}), figure, chart: new Chart(figure)};
		this.dialog.replaceChildren(make('div', {class: 'top'}, title, close), this.#parts.body, figure, this.#parts.rest);
		this.#summarise(machine, machine.seen);
	}

	#summarise(machine, time, more = []) {
		const state = stateOf(machine);
		const over = state === 'done' || state === 'failed';
		const now = make('p', {class: 'now', 'data-state': state}, makeShape(state), make('b', {text: stateName(state)}),
			machine.percent === undefined ? '' : ` ${percent(machine.percent)}`,
			machine.silent ? ` (last heard ${stateName(machine.state).toLowerCase()})` : '');
		this.#parts.body.replaceChildren(...[now, showError(machine), make('dl', {class: 'facts'},
			...(over ? [] : [fact('Receives', rate(machine.down)), fact('Sends', rate(machine.up)), fact('Peers', String(machine.peers)),
				fact('Time left', machine.eta_s === undefined || machine.silent ? nothing : duration(machine.eta_s))]),
			fact('Last heard', `${duration((time - machine.seen) / 1000)} ago`), ...more,
			...this.factsOf(machine.agent).map(([name, value]) => fact(name, value)),
			fact('Agent', machine.agent || nothing), fact('Job', machine.job || nothing))].filter(Boolean));
	}

	#show(data) {
		const {machine, storage} = data;
		this.#summarise(machine, data.time, [fact('Runs for', duration(data.uptime_ms / 1000)), fact('Started', data.runs === 1 ? 'once' : `${data.runs} times`)]);
		this.#parts.chart.show(data.rates);
		const hidden = data.targets_total - data.targets.length;
		this.#parts.rest.replaceChildren(
			section('Phases', showPhases(data)),
			section(data.targets_total === 1 ? 'Disk' : 'Disks', ...data.targets.map(showTarget), hidden > 0 ? make('p', {text: `and ${hidden} more`}) : null),
			section('Storage', make('dl', {class: 'facts'},
				fact('Buffer pool in use', percent(100 * storage.pool)), fact('Reads from memory', percent(100 * storage.cache_hit)),
				fact('Blocks per write', storage.blocks_per_write.toFixed(1)),
				fact('Write latency', `${Math.round(storage.p50_ms)} ms, 99%: ${Math.round(storage.p99_ms)} ms`),
				fact('Network waited for disk', duration(storage.stopped_ms / 1000)))));
	}
}

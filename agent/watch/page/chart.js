// SPDX-License-Identifier: BSD-3-Clause
// Rates over time: what was received as an area, what was sent as a line.
import {make, setText} from './dom.js';
import {clock, rate} from './format.js';

const svg = 'http://www.w3.org/2000/svg';
const width = 1000;
const height = 100;

function part(parent, tag, className) {
	const element = document.createElementNS(svg, tag);
	element.setAttribute('class', className);
	parent.append(element);
	return element;
}

// The next round rate above, so that the scale does not move with every sample.
function scaleOf(peak) {
	let unit = 1024;
	while (unit * 1000 < peak) {
		unit *= 1024;
	}
	const steps = [1, 1.5, 2, 3, 4, 5, 6, 8];
	for (let power = unit; ; power *= 10) {
		const step = steps.find((s) => s * power >= peak);
		if (step) {
			return step * power;
		}
	}
}

export class Chart {
	#rates = null;
	#pointer = null; // the sample under the pointer

	// figure: has a caption
	constructor(figure) {
		this.when = make('span', {class: 'when'});
		this.received = make('span', {class: 'key received'});
		this.given = make('span', {class: 'key given'});
		figure.querySelector('figcaption').append(this.received, this.given, this.when);
		this.frame = make('div', {class: 'plot'});
		this.picture = document.createElementNS(svg, 'svg');
		this.picture.setAttribute('viewBox', `0 0 ${width} ${height}`);
		this.picture.setAttribute('preserveAspectRatio', 'none');
		this.picture.setAttribute('role', 'img');
		this.area = part(this.picture, 'path', 'area');
		this.edge = part(this.picture, 'path', 'edge');
		this.sent = part(this.picture, 'path', 'sent');
		this.mark = part(this.picture, 'path', 'mark');
		this.top = make('span', {class: 'top', 'aria-hidden': 'true'});
		this.from = make('span', {class: 'from', 'aria-hidden': 'true'});
		this.to = make('span', {class: 'to', 'aria-hidden': 'true'});
		this.frame.append(this.picture, this.top, this.from, this.to);
		figure.append(this.frame);
		this.frame.addEventListener('pointermove', (event) => this.#point(event));
		this.frame.addEventListener('pointerleave', () => {
			this.#pointer = null;
			this.#draw();
		});
	}

	show(rates) {
		this.#rates = rates;
		this.#draw();
	}

	#point(event) {
		const box = this.picture.getBoundingClientRect();
		const count = this.#rates?.down.length ?? 0;
		if (count > 1) {
			const at = Math.round(((event.clientX - box.left) / box.width) * (count - 1));
			this.#pointer = Math.min(count - 1, Math.max(0, at));
			this.#draw();
		}
	}

	#draw() {
		const rates = this.#rates;
		if (!rates || rates.down.length === 0) {
			return;
		}
		const {down, up} = rates;
		const peak = Math.max(...down, ...up);
		const scale = scaleOf(peak);
		const step = down.length > 1 ? width / (down.length - 1) : 0;
		const x = (i) => (i * step).toFixed(1);
		const y = (value) => (height - (value / scale) * height).toFixed(1);
		const line = (values) => values.map((v, i) => `${i ? 'L' : 'M'}${x(i)} ${y(v)}`).join('') + (step ? '' : `H${width}`);
		this.edge.setAttribute('d', line(down));
		this.area.setAttribute('d', `${line(down)}V${height}H0Z`);
		this.sent.setAttribute('d', line(up));
		setText(this.top, rate(scale));
		const timeOf = (i) => rates.until - (down.length - 1 - i) * rates.interval_ms;
		setText(this.from, clock(timeOf(0)));
		setText(this.to, clock(rates.until));
		this.mark.setAttribute('d', this.#pointer === null ? '' : `M${x(this.#pointer)} 0V${height}`);

		const at = this.#pointer ?? down.length - 1;
		setText(this.when, this.#pointer === null ? '' : clock(timeOf(at)));
		setText(this.received, `received ${rate(down[at] ?? 0)}`);
		setText(this.given, `sent ${rate(up[at] ?? 0)}`);
		this.picture.setAttribute('aria-label', `Rates since ${clock(timeOf(0))}: received ${rate(down.at(-1))} now, at most ${
			rate(Math.max(...down))}`);
	}
}

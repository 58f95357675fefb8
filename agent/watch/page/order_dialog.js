// SPDX-License-Identifier: BSD-3-Clause
// Asks before an order is given: what it does, and how many disks it overwrites.
import {make} from './dom.js';
import {machines as machineCount, size} from './format.js';
import {idOf, lastImage} from './orders.js';

const mostNamed = 12;

function namesOf(machines) {
	const names = machines.slice(0, mostNamed).map((m) => m.name);
	return names.join(', ') + (machines.length > mostNamed ? ` and ${machines.length - mostNamed} more` : '');
}

function disks(count) {
	return count === 1 ? '1 disk' : `${count} disks`;
}

// Of machines that get nothing by this order. Who has a job already may be about to write.
function untouched(machines) {
	const begun = machines.filter((m) => m.job);
	return begun.length === 0 ? 'No disk is overwritten.'
		: `No disk is overwritten, but jobs that were given out already go on: ${namesOf(begun)}.`;
}

// some: those of the machines that get an image.
function overwritten(some, when, machines) {
	return some.length === 0 ? untouched(machines)
		: `${disks(some.length)} will be overwritten ${when}: ${namesOf(some)}.`;
}

// What the machine boots once its disk was read.
function afterCapture(machine) {
	const image = machine.next === 'image' ? machine.next_image : machine.next === 'capture' ? (machine.order ?? machine.image) : null;
	return image ? `After that it may be overwritten with ${image}, which the machine is to have.` : untouched([machine]);
}

function chooseImage(images, machines) {
	const select = make('select', {id: 'order-image'}, ...images.map((image) => {
		const option = make('option', {value: image.name, text: `${image.name} (${image.error ? image.error : size(image.bytes)})`});
		option.disabled = Boolean(image.error);
		return option;
	}));
	const usual = lastImage(machines[0]);
	const good = images.filter((image) => !image.error);
	select.value = (good.find((image) => image.name === usual) ?? good[0])?.name ?? '';
	return select;
}

function field(label, input) {
	return make('p', {class: 'field'}, make('label', {for: input.id, text: label}), input);
}

function wakeBox() {
	const box = make('input', {type: 'checkbox', id: 'order-now'});
	return {box, line: make('p', {class: 'field'}, box, make('label', {for: box.id, text: 'Wake them now'}))};
}

function byLastImage(machines) {
	const found = new Map();
	for (const machine of machines) {
		found.set(lastImage(machine), [...(found.get(lastImage(machine)) ?? []), machine]);
	}
	return found;
}

// Each makes what is asked: title, text, fields, the button's text, and the orders once it is pressed.
const questions = {
	image(machines, images) {
		const select = chooseImage(images, machines);
		const wake = wakeBox();
		return {title: `Image ${machineCount(machines.length)}`, text: overwritten(machines, 'when they start next', machines),
			fields: [field('Image', select), wake.line], button: `Overwrite ${disks(machines.length)}`, isGrave: true,
			orders: () => (select.value ? [{order: 'image', machines: machines.map(idOf).join(), image: select.value, now: wake.box.checked}] : [])};
	},
	again(machines) {
		const byImage = byLastImage(machines);
		const wake = wakeBox();
		const text = [...byImage].map(([image, some]) => `${disks(some.length)} with ${image}: ${namesOf(some)}.`).join(' ');
		return {title: `Image ${machineCount(machines.length)} again`, text: `${disks(machines.length)} will be overwritten when they start next. ${text}`,
			fields: [wake.line], button: `Overwrite ${disks(machines.length)}`, isGrave: true,
			orders: () => [...byImage].map(([image, some]) => ({order: 'image', machines: some.map(idOf).join(), image, now: wake.box.checked}))};
	},
	cancel(machines) {
		return {title: `Cancel what is ordered for ${machineCount(machines.length)}`,
			text: `They boot their own disks until an image is ordered for them, or room.json names another one: ${namesOf(machines)}. ${untouched(machines)}`,
			fields: [], button: `Cancel for ${machineCount(machines.length)}`, orders: () => [{order: 'cancel', machines: machines.map(idOf).join()}]};
	},
	wake(machines) {
		return {title: `Wake ${machineCount(machines.length)}`, text: overwritten(machines.filter((m) => m.next === 'image'), 'as they start', machines),
			fields: [], button: `Wake ${machineCount(machines.length)}`, orders: () => [{order: 'wake', machines: machines.map(idOf).join()}]};
	},
	forget(machines) {
		return {title: `Forget ${machineCount(machines.length)}`,
			text: `What they were given and what was asked for them is forgotten, and room.json decides anew. ${
				overwritten(machines.filter((m) => m.image), 'when they start next', machines)}`,
			fields: [], button: `Forget ${machineCount(machines.length)}`, isGrave: machines.some((m) => m.image),
			orders: () => [{order: 'forget', machines: machines.map(idOf).join()}]};
	},
	capture(machines) {
		const name = make('input', {type: 'text', id: 'order-name', autocomplete: 'off', spellcheck: 'false', maxlength: '63'});
		const wake = wakeBox();
		return {title: `Capture ${machines[0].name}`, text: `Its disk is read when it starts next, and becomes an image of this room. ${afterCapture(machines[0])}`,
			fields: [field('Name of the image', name), wake.line], button: 'Capture',
			orders: () => (name.value.trim() ? [{order: 'capture', machines: idOf(machines[0]), image: name.value.trim(), now: wake.box.checked}] : [])};
	},
};

export class OrderDialog {
	constructor() {
		this.dialog = make('dialog', {id: 'order', class: 'ask', 'aria-labelledby': 'order-title', 'aria-describedby': 'order-text'});
		document.body.append(this.dialog);
	}

	// The orders that were agreed to; none: it was closed otherwise.
	ask(what, machines, images) {
		const question = questions[what](machines, images);
		const back = make('button', {type: 'button', text: 'Back'});
		const agree = make('button', {type: 'button', class: question.isGrave ? 'grave' : 'agree', text: question.button});
		this.dialog.replaceChildren(make('h2', {id: 'order-title', text: question.title}),
			make('p', {id: 'order-text', class: question.isGrave ? 'error' : '', text: question.text}), ...question.fields,
			make('div', {class: 'answers'}, back, agree));
		return new Promise((resolve) => {
			let orders = [];
			back.addEventListener('click', () => this.dialog.close());
			agree.addEventListener('click', () => {
				orders = question.orders();
				if (orders.length > 0) {
					this.dialog.close();
				} else {
					this.dialog.querySelector('select, input[type=text]')?.focus();
				}
			});
			this.dialog.addEventListener('close', () => resolve(orders), {once: true});
			this.dialog.showModal();
			// What changes nothing has the focus, unless there is something to fill in.
			(this.dialog.querySelector('select, input[type=text]') ?? back).focus();
		});
	}
}

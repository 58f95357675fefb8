// SPDX-License-Identifier: BSD-3-Clause
// The room's orders as the page knows them, and how it gives one. No elements here.

const place = 'api/orders';
const tokenKey = 'rawswarm-token'; // of sessionStorage: forgotten with the tab

export class Orders {
	machines = [];
	images = [];
	error = ''; // of room.json
	needsToken = true;
	#loading = false;
	#loaded = null;

	get token() {
		return sessionStorage.getItem(tokenKey) ?? '';
	}

	set token(text) {
		sessionStorage.setItem(tokenKey, text.trim());
	}

	// Fetches the list if it is not the newest. Not more than one request at a time. onList()
	async follow(changes, onList) {
		if (this.#loading || this.#loaded === changes) {
			return;
		}
		this.#loading = true;
		try {
			const answer = await fetch(place);
			if (answer.ok) {
				this.#take(await answer.json());
				this.#loaded = changes;
				onList();
			}
		} catch {
			// Without a connection what is known stays; the head of the page says so.
		} finally {
			this.#loading = false;
		}
	}

	#take(list) {
		this.machines = list.machines;
		this.images = list.images;
		this.error = list.error ?? '';
		this.needsToken = list.needs_token;
	}

	// The answer, or an Error whose message is a sentence.
	async give(order) {
		const headers = {'Content-Type': 'application/json'};
		if (this.token) {
			headers.Authorization = `Bearer ${this.token}`;
		}
		let answer = null;
		try {
			answer = await fetch(place, {method: 'POST', headers, body: JSON.stringify(order)});
		} catch {
			throw new Error('The server cannot be reached: nothing was ordered.');
		}
		const said = await answer.json().catch(() => ({}));
		if (!answer.ok) {
			throw new Error(said.error ?? `The server answered ${answer.status}: nothing was ordered.`);
		}
		this.#loaded = null;
		return said;
	}
}

// By which an order names the machine.
export function idOf(machine) {
	return machine.mac ?? machine.name;
}

// The image that the machine would get again: the one that was ordered for it, else the one that it has, else
// that of room.json. Empty: there is none.
export function lastImage(machine) {
	return machine.order ?? machine.given ?? machine.image ?? '';
}

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
	#forgotten = 0; // how often: what is on its way by then is none of the newest

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
		const before = this.#forgotten;
		try {
			const answer = await fetch(place);
			if (answer.ok) {
				this.#take(await answer.json());
				this.#loaded = before === this.#forgotten ? changes : null;
				onList();
			}
		} catch {
			// Without a connection what is known stays; the head of the page says so.
		} finally {
			this.#loading = false;
		}
	}

	// The list as it is now, before somebody agrees to what it says; an Error whose message is a sentence without it.
	async renew() {
		let answer = null;
		try {
			answer = await fetch(place);
		} catch {
			// told below
		}
		if (!answer?.ok) {
			throw new Error('The server does not say what the machines are to do: nothing was ordered.');
		}
		this.#take(await answer.json());
	}

	// The connection was lost: the server that comes next may count from the start.
	forget() {
		this.#loaded = null;
		++this.#forgotten;
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
			throw new Error('The server did not answer. Whether it took the order, the list will say.');
		}
		const said = await answer.json().catch(() => ({}));
		if (!answer.ok) {
			throw new Error(said.error ?? (answer.status < 500 ? `The server answered ${answer.status}: nothing was ordered.`
				: `The server answered ${answer.status}. Whether it took the order, the list will say.`));
		}
		this.forget();
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

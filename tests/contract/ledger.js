// ledger: what was asked and answered, and what was wrong with it.
'use strict';

// [{side: 'request' or 'response', where, what}] from Prism's header. One that is too long for a header is cut there,
// and is one violation then, in its own words.
function violations_of(header) {
	if (!header)
		return [];
	try {
		return JSON.parse(header).map((one) => ({side: one.location[0], where: one.location.slice(1).join('.'),
			what: one.message}));
	} catch {
		const what = header.slice(0, 1500);

		return [{side: /"location":\["request"/.test(what) ? 'request' : 'response', where: 'many', what}];
	}
}

class Ledger {
	constructor() {
		this.exchanges = [];
	}

	// exchange: {world, row, method, path, status (0: none came), violations}
	add(exchange) {
		this.exchanges.push(exchange);
	}

	// Takes out what one world was asked.
	take(world) {
		const taken = this.exchanges.filter((one) => one.world === world);

		this.exchanges = this.exchanges.filter((one) => one.world !== world);
		return taken;
	}

	count(side) {
		return this.exchanges.reduce((n, one) => n + one.violations.filter((v) => v.side === side).length, 0);
	}

	// Lines: the operations with their answers.
	told(rows) {
		return rows.map((row) => {
			const of = this.exchanges.filter((one) => one.row === row), statuses = new Map();

			for (const one of of)
				statuses.set(one.status, (statuses.get(one.status) || 0) + 1);
			const answers = [...statuses].sort((a, b) => a[0] - b[0])
				.map(([status, n]) => `${status || 'none'} x${n}`).join(', ');
			return `${String(of.length).padStart(6)}  ${row.name}  (${answers || 'never asked'})`;
		});
	}

	never_asked(rows) {
		return rows.filter((row) => !this.exchanges.some((one) => one.row === row));
	}

	// Lines: violations, equal ones together.
	wrong() {
		const seen = new Map();

		for (const one of this.exchanges)
			for (const v of one.violations) {
				const where = v.where.replace(/\b\d+\b/g, 'N');
				const key = `${v.side}: ${one.row ? one.row.name : one.method} (${one.status}) ${where}: ${v.what}`;

				if (!seen.has(key))
					seen.set(key, {n: 0, example: one.path});
				seen.get(key).n++;
			}
		return [...seen].map(([key, {n, example}]) => `${key}\n    ${n} times, as in ${example}`);
	}
}

module.exports = {Ledger, violations_of};

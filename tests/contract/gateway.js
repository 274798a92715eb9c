// gateway: stands on both sides of one Prism, so that it serves any number of worlds:
//
//   agent -> front /PORT/...  -> Prism -> back -> the world on 127.0.0.1:PORT
//
// The front names each request in a header, by which the back knows the world and the front finds what came of it. Git
// does not pass Prism. What Prism would spoil is carried around it: it follows redirects, so the back keeps Location;
// an answer that broke off is broken off in front, too.
'use strict';
const http = require('http');
const operations = require('./operations');
const {violations_of} = require('./ledger');

const HEADER = 'x-contract-exchange';
const HOP = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host', HEADER];

function kept(headers, more) {
	const out = {...headers};

	for (const name of HOP.concat(more || []))
		delete out[name];
	return out;
}

function read_all(stream) {
	return new Promise((resolve, reject) => {
		const parts = [];

		stream.on('data', (part) => parts.push(part));
		stream.on('end', () => (stream.complete ? resolve(Buffer.concat(parts)) : reject(new Error('cut short'))));
		stream.on('aborted', () => reject(new Error('cut short')));
		stream.on('error', reject);
	});
}

// One request with a whole body and answer.
function ask(port, method, path, headers, body) {
	return new Promise((resolve, reject) => {
		const length = body.length || method !== 'GET' ? {'content-length': body.length} : {};
		const request = http.request({host: '127.0.0.1', port, method, path, headers: {...headers, ...length},
			agent: false});

		request.on('error', reject);
		request.on('response', (answer) => read_all(answer).then(
			(bytes) => resolve({status: answer.statusCode, headers: answer.headers, body: bytes}), reject));
		request.end(body);
	});
}

function give(response, answer, more) {
	const empty = answer.status === 204 || answer.status === 304;

	response.writeHead(answer.status, {...kept(answer.headers), ...more,
		...(empty ? {} : {'content-length': answer.body.length})});
	response.end(answer.body);
}

// Query parameters that the operation does not have; Prism passes over them.
function strange_query(description, row, url) {
	const operation = description.paths[row.template][row.method.toLowerCase()];
	const known = operation.parameters.filter((one) => one.in === 'query').map((one) => one.name);

	return [...new Set(url.searchParams.keys())].filter((name) => !known.includes(name))
		.map((name) => ({side: 'request', where: `query.${name}`, what: 'this operation has no such parameter'}));
}

class Gateway {
	// description: the parsed one; ledger: takes what happens
	constructor(description, ledger) {
		this.description = description;
		this.ledger = ledger;
		this.rows = operations.read();
		this.exchanges = new Map();
		this.made = 0;
		this.front = http.createServer((request, response) => this.at_front(request, response));
		this.back = http.createServer((request, response) => this.at_back(request, response));
	}

	async listen() {
		for (const server of [this.front, this.back])
			await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
		this.front_url = `http://127.0.0.1:${this.front.address().port}`;
		this.back_url = `http://127.0.0.1:${this.back.address().port}`;
	}

	close() {
		this.front.closeAllConnections();
		this.back.closeAllConnections();
		this.front.close();
		this.back.close();
	}

	async at_front(request, response) {
		const [, world, path] = /^\/(\d+)(\/.*)$/.exec(request.url) || [];

		if (!world) {
			response.writeHead(404).end();
			return;
		}
		if (/^[^?]*\.git\//.test(path)) {
			this.pass(request, response, Number(world), path);
			return;
		}
		try {
			await this.judged(request, response, {world: Number(world), path, method: request.method});
		} catch {
			response.destroy();
		}
	}

	pass(request, response, port, path) {
		const on = http.request({host: '127.0.0.1', port, path, method: request.method,
			headers: kept(request.headers), agent: false});

		on.on('error', () => response.destroy());
		on.on('response', (answer) => {
			response.writeHead(answer.statusCode, kept(answer.headers));
			answer.pipe(response);
		});
		request.pipe(on);
	}

	async judged(request, response, exchange) {
		const id = String(this.made++), url = new URL(exchange.path, 'http://world');
		let answer = null;

		exchange.row = operations.find(this.rows, exchange.method, url.pathname);
		exchange.body = await read_all(request);
		this.exchanges.set(id, exchange);
		try {
			answer = await ask(this.prism_port, exchange.method, exchange.path,
				{...kept(request.headers), [HEADER]: id}, exchange.body);
			if (exchange.broken)
				throw new Error('the world broke off');
			give(response, {...answer, headers: kept(answer.headers, ['sl-violations'])}, exchange.location);
		} finally {
			this.exchanges.delete(id);
			this.note(exchange, answer, url);
		}
	}

	note(exchange, answer, url) {
		const {world, row, method, path} = exchange;
		let violations = answer ? violations_of(answer.headers['sl-violations']) : [];

		if (exchange.broken) // what Prism makes of it is no answer of the world
			violations = violations.filter((one) => one.side === 'request');
		else if (!exchange.status)
			violations.push({side: 'request', where: '', what: `Prism itself answered: ${answer && answer.body}`});
		if (row)
			violations.push(...strange_query(this.description, row, url));
		else
			violations.push({side: 'request', where: '', what: 'no operation of the table'});
		this.ledger.add({world, row, method, path, status: exchange.broken ? 0 : exchange.status || 0, violations});
	}

	async at_back(request, response) {
		const exchange = this.exchanges.get(request.headers[HEADER]);

		if (!exchange) {
			response.destroy();
			return;
		}
		request.resume();
		try {
			const answer = await ask(exchange.world, exchange.method, exchange.path, kept(request.headers),
				exchange.body);

			exchange.status = answer.status;
			exchange.location = answer.headers.location ? {location: answer.headers.location} : {};
			give(response, {...answer, headers: kept(answer.headers, ['location'])}, {});
		} catch {
			exchange.broken = true;
			response.destroy();
		}
	}
}

module.exports = {Gateway};

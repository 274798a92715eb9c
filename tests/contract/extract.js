// extract DESCRIPTION OUT: the part of the forge's OpenAPI description that operations.txt names, with the corrections
// of corrections.js. Requests are written out, so that nothing which is relaxed for answers is relaxed for them.
'use strict';
const fs = require('fs');
const operations = require('./operations');
const corrections = require('./corrections');

function clone(value) {
	return JSON.parse(JSON.stringify(value));
}

function follow(document, ref) {
	return ref.slice(2).split('/').reduce(
		(at, part) => at[decodeURIComponent(part).replace(/~1/g, '/').replace(/~0/g, '~')], document);
}

function resolved(document, value) {
	return value && value.$ref ? follow(document, value.$ref) : value;
}

// A schema of a request without references, where every object is closed.
function written_out(document, schema) {
	const out = clone(resolved(document, schema));

	for (const [name, one] of Object.entries(out.properties || {}))
		out.properties[name] = written_out(document, one);
	for (const key of ['oneOf', 'anyOf', 'allOf'])
		if (out[key])
			out[key] = out[key].map((one) => written_out(document, one));
	if (out.items)
		out.items = written_out(document, out.items);
	if (out.properties && out.additionalProperties === undefined)
		out.additionalProperties = false;
	return out;
}

function request_body(document, operation) {
	const body = clone(resolved(document, operation.requestBody));

	for (const media of Object.values(body.content)) {
		media.schema = written_out(document, media.schema);
		delete media.examples;
	}
	return {...body, required: true};
}

function operation_of(document, item, method) {
	const from = item[method];
	const parameters = [...(item.parameters || []), ...(from.parameters || [])].map((one) => {
		const out = clone(resolved(document, one));

		delete out.examples;
		return out;
	});
	const out = {operationId: from.operationId, parameters, responses: clone(from.responses)};

	if (from.requestBody)
		out.requestBody = request_body(document, from);
	for (const one of Object.values(out.responses))
		for (const media of Object.values(one.content || {}))
			delete media.examples;
	return out;
}

function paths_of(document, rows) {
	const paths = {};

	for (const row of rows) {
		const alias = corrections.aliases.find((one) => one.path === row.template);
		const item = document.paths[alias ? alias.of : row.template], method = row.method.toLowerCase();

		if (!item || !item[method])
			throw new Error(`the description has no ${row.name}`);
		const operation = operation_of(document, item, method);
		if (alias) {
			operation.operationId += '-by-number';
			operation.parameters = operation.parameters.filter((one) => one.in !== 'path')
				.concat(clone(alias.parameter));
		}
		paths[row.template] = {...paths[row.template], [method]: operation};
	}
	return paths;
}

// Everything that is referred to, and what that refers to.
function components_of(document, root) {
	const components = {}, seen = new Set();
	const walk = (value) => {
		if (Array.isArray(value)) {
			value.forEach(walk);
		} else if (value && typeof value === 'object') {
			if (typeof value.$ref === 'string' && !seen.has(value.$ref)) {
				const [, , kind, name] = value.$ref.split('/');

				seen.add(value.$ref);
				components[kind] = components[kind] || {};
				components[kind][name] = clone(follow(document, value.$ref));
				for (const media of Object.values(components[kind][name].content || {}))
					delete media.examples;
				walk(components[kind][name]);
			}
			Object.values(value).forEach(walk);
		}
	};

	walk(root);
	return components;
}

// "nullable" beside no "type" (a oneOf, an anyOf): the validator refuses to compile it, and Prism then passes any answer
// without a word. What is meant is said in words that it knows.
function say_null(value) {
	if (Array.isArray(value)) {
		value.forEach(say_null);
	} else if (value && typeof value === 'object') {
		Object.values(value).forEach(say_null);
		if (value.nullable === true && value.type === undefined) {
			const rest = {...value};

			delete rest.nullable;
			Object.keys(value).forEach((key) => delete value[key]);
			value.anyOf = [rest, {enum: [null]}];
		}
	}
}

function every(slim, row, visit) {
	let hits = 0;

	for (const [template, item] of Object.entries(slim.paths))
		for (const [method, operation] of Object.entries(item))
			if ((!row.operation || row.operation === `${method.toUpperCase()} ${template}`) &&
			    (!row.methods || row.methods.includes(method)))
				hits += visit(operation) ? 1 : 0;
	if (hits === 0)
		throw new Error(`a correction changes nothing: ${JSON.stringify(row)}`);
}

function correct_body(slim, row) {
	every(slim, row, (operation) => {
		const {schema} = operation.requestBody.content['application/json'];

		return Object.assign(row.field ? schema.properties[row.field] : schema, row.set);
	});
}

function correct_parameter(slim, row) {
	every(slim, row, (operation) => {
		const found = operation.parameters.filter((one) => one.name === row.name);

		found.forEach((one) => Object.assign(one.schema, row.set));
		return found.length > 0;
	});
}

function correct_schema(slim, row) {
	const at = row.path.reduce((schema, part) => schema && schema[part], slim.components.schemas[row.schema]);

	if (!at)
		throw new Error(`a correction changes nothing: ${JSON.stringify(row)}`);
	Object.assign(at, row.set);
}

function correct(slim) {
	corrections.bodies.forEach((row) => correct_body(slim, row));
	corrections.parameters.forEach((row) => correct_parameter(slim, row));
	for (const {name, schema} of corrections.headers)
		every(slim, {}, (operation) => operation.parameters.push({name, in: 'header', required: true, schema}));
	for (const row of corrections.answers)
		every(slim, row, (operation) => {
			const known = row.status in operation.responses;

			operation.responses[row.status] = operation.responses[row.status] || row.response;
			return !known;
		});
	corrections.schemas.forEach((row) => correct_schema(slim, row));
}

function extract(document) {
	const paths = paths_of(document, operations.read());
	const slim = {openapi: document.openapi, info: document.info, servers: document.servers, paths,
		components: components_of(document, [paths, corrections.answers])};

	slim.components.securitySchemes = {bearer: {type: 'http', scheme: 'bearer'}};
	slim.security = [{bearer: []}]; // the description has none at all
	correct(slim);
	say_null(slim);
	return slim;
}

const [from, to] = process.argv.slice(2);
fs.writeFileSync(to, JSON.stringify(extract(JSON.parse(fs.readFileSync(from, 'utf8')))));

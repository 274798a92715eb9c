// each: rows of the self-test that are made from the description, for every operation and every answer it has. What
// its validator cannot compile Prism passes without a word; so each schema has to find something once.
'use strict';

const SHA = '0123456789012345678901234567890123456789';
const gone = [404, {message: 'Not Found'}];

function resolved(description, value) {
	return value.$ref ? value.$ref.slice(2).split('/').reduce((at, part) => at[part], description) : value;
}

function value_of({name, schema}) {
	return name === 'basehead' ? `${SHA}...${SHA}` : schema.type === 'integer' ? '7' : SHA;
}

// With the parameters of a path; wrong: the name of one that is no number, or no name of a commit
function path_of(template, parameters, wrong) {
	return parameters.filter((one) => one.in === 'path').reduce((path, one) =>
		path.replace(`{${one.name}}`, one.name === wrong ? 'x' : value_of(one)), template);
}

// What the operation is to be asked for: the forge's answers to it do not depend on it.
function good_body(operation) {
	const {schema} = operation.requestBody.content['application/json'];
	const value = (one) => (one.enum ? one.enum[0] : one.format === 'uri' ? 'http://h/c' : one.type === 'object' ? {} : 'x');

	return Object.fromEntries((schema.required || []).map((name) => [name, value(schema.properties[name])]));
}

function wrong_requests(name, good, operation, template) {
	const {parameters} = operation, rows = [];
	const add = (says, where, more) => rows.push({...good, says: `${name}: ${says}`, answer: gone, finds: 'request', where,
		...more});

	add('no User-Agent', "'user-agent'", {headers: {'user-agent': undefined}});
	for (const one of parameters.filter(({schema}) => schema.type === 'integer' || schema.pattern))
		if (one.in === 'path')
			add(`a bad ${one.name}`, `path.${one.name}`, {path: path_of(template, parameters, one.name)});
		else if (one.in === 'query')
			add(`a bad ${one.name}`, `query.${one.name}`, {path: `${good.path}?${one.name}=x`});
	if (good.body)
		add('a body with more', 'colour', {body: {...good.body, colour: 'red'}});
	return rows;
}

function wrong_answers(name, good, operation, description) {
	const rows = [];

	for (const [status, one] of Object.entries(operation.responses)) {
		const {content} = resolved(description, one);

		if (content && content['application/json'])
			rows.push({...good, says: `${name}: a ${status} that is a word`, answer: [Number(status), 'no'],
				finds: 'response', where: 'Response body'});
	}
	return rows;
}

function rows(description) {
	return Object.entries(description.paths).flatMap(([template, item]) =>
		Object.entries(item).flatMap(([word, operation]) => {
			const method = word.toUpperCase(), name = `${method} ${template}`;
			const good = {method, path: path_of(template, operation.parameters),
				...(operation.requestBody ? {body: good_body(operation)} : {})};

			return [...wrong_requests(name, good, operation, template),
				...wrong_answers(name, good, operation, description)];
		}));
}

module.exports = {rows};

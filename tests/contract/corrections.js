// corrections: where the description is wider or narrower than the forge, each with its reason. Requests become
// stricter than the description and never looser. Answers are relaxed in one place at a time, and only where the description is
// wrong about what the forge is known to answer. A row that changes nothing is an error (extract.js).
'use strict';

const DOCS = 'docs.github.com/rest';
const status = 'POST /repos/{owner}/{repo}/statuses/{sha}';
const hex = {pattern: '^[0-9a-f]{40}$'};

// Of a request's body: members to merge into the schema of one field; '' is the body itself.
const bodies = [
	{operation: status, field: 'description', set: {maxLength: 140},
		why: 'longer ones are 422; the description has no limit'},
	{operation: status, field: 'context', set: {minLength: 1, maxLength: 255}, why: 'others are 422'},
	{operation: status, field: 'target_url', set: {format: 'uri', pattern: '^https?://', nullable: false},
		why: 'another scheme is 422; headgate leaves it out rather than sending null'},
	{operation: status, field: '', set: {required: ['state', 'context', 'description']},
		why: 'without a context the forge writes "default", which no gate asks for'},
	{operation: 'POST /app/installations/{installation_id}/access_tokens', field: '',
		set: {required: ['permissions']}, why: 'a token that is not narrowed may do all that the App may'},
];

// Of parameters: by name, in one operation or, without, in all that have it.
const parameters = [
	{operation: status, name: 'sha', set: hex, why: 'an abbreviation or a branch is 422'},
	{operation: 'GET /repos/{owner}/{repo}/commits/{ref}/statuses', name: 'ref', set: hex,
		why: 'the forge takes branches too; headgate must mean one commit'},
	{operation: 'GET /repos/{owner}/{repo}/commits', name: 'sha', set: hex, why: 'the same'},
	{operation: 'GET /repos/{owner}/{repo}/compare/{basehead}', name: 'basehead',
		set: {pattern: '^[0-9a-f]{40}\\.\\.\\.[0-9a-f]{40}$'}, why: 'the same, of two'},
	{operation: 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}', name: 'commit_sha', set: hex,
		why: 'an object has no other name'},
	{operation: 'GET /repos/{owner}/{repo}/git/trees/{tree_sha}', name: 'tree_sha', set: hex,
		why: 'the forge takes a branch too, and answers with the tree of the moment'},
	{operation: 'GET /repos/{owner}/{repo}/git/blobs/{file_sha}', name: 'file_sha', set: hex,
		why: 'an object has no other name'},
	{name: 'per_page', set: {minimum: 1, maximum: 100}, why: 'the forge cuts to 100 without a word'},
];

// Header parameters that the forge asks for in its general pages and the description leaves out.
const headers = [
	{name: 'User-Agent', schema: {type: 'string', pattern: '^headgate/'},
		why: `${DOCS}/using-the-rest-api/getting-started-with-the-rest-api: 403 without`},
	{name: 'X-GitHub-Api-Version', schema: {type: 'string', enum: ['2022-11-28']},
		why: `${DOCS}/about-the-rest-api/api-versions: the version this code was written for`},
];

// Paths that the forge serves and the description does not have.
const aliases = [
	{path: '/repositories/{repository_id}', of: '/repos/{owner}/{repo}', methods: ['get'],
		parameter: {name: 'repository_id', in: 'path', required: true, schema: {type: 'integer', minimum: 1}},
		why: 'where the forge redirects a renamed repository: the example of the response moved_permanently'},
	{path: '/repositories/{repository_id}/installation', of: '/repos/{owner}/{repo}/installation', methods: ['get'],
		parameter: {name: 'repository_id', in: 'path', required: true, schema: {type: 'integer', minimum: 1}},
		why: 'the same address, one step further'},
];

// Answers that operations give besides those the description lists for them.
const error = {content: {'application/json': {schema: {$ref: '#/components/schemas/basic-error'}}}};
const troubleshooting = `${DOCS}/using-the-rest-api/troubleshooting-the-rest-api`;
const answers = [
	{methods: ['get'], status: '304', response: {description: 'Not modified'},
		why: `${DOCS}/using-the-rest-api/best-practices-for-using-the-rest-api: conditional requests`},
	{methods: ['get'], status: '301', response: {...error, description: 'Moved permanently'},
		why: `${DOCS}/using-the-rest-api/best-practices-for-using-the-rest-api: redirects`},
	{methods: ['post'], status: '307', response: {...error, description: 'Temporary redirect'}, why: 'the same page'},
	{status: '401', response: {...error, description: 'Bad credentials'}, why: troubleshooting},
	{status: '403', response: {...error, description: 'Forbidden, or a rate limit'}, why: troubleshooting},
	{status: '404', response: {...error, description: 'Not found'}, why: troubleshooting},
	{status: '422', response: {...error, description: 'Validation failed'}, why: troubleshooting},
	{status: '429', response: {...error, description: 'A rate limit'}, why: troubleshooting},
	{status: '5XX', response: {description: 'What stands before the forge, in words of its own'}, why: troubleshooting},
];

// Members to merge into one schema of components/schemas (path: where in it), of answers alone.
const schemas = [];

module.exports = {bodies, parameters, headers, aliases, answers, schemas};

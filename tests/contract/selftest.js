// selftest: that the contract can fail. Plays a client and a world of its own through the same way; each row says what
// has to be found, here and in each.js. Nothing of it stays in the ledger.
'use strict';
const http = require('http');
const each = require('./each');

const SHA = '0123456789012345678901234567890123456789';
const post = `/repos/acme/app/statuses/${SHA}`;
const ref = '/repos/acme/app/git/ref/heads%2Fmain';
const tokens = '/app/installations/7/access_tokens';
const status = {url: 'http://f/s', avatar_url: null, id: 1, node_id: 'S', state: 'success', description: 'fine',
	target_url: 'http://h/c', context: 'policy/merge-allowed', created_at: '2026-01-05T00:00:00Z',
	updated_at: '2026-01-05T00:00:00Z', creator: null};
const body = {state: 'success', context: 'policy/merge-allowed', description: 'fine', target_url: 'http://h/c'};
const tip = {ref: 'refs/heads/main', node_id: 'R', url: 'http://f/r',
	object: {type: 'commit', sha: SHA, url: 'http://f/c'}};

const who = {name: 'Ann', email: 'ann@example.test', date: '2026-01-05T00:00:00Z'};
const tree = {sha: SHA, url: 'http://f/t'};
const listed = {sha: SHA, node_id: 'C', url: 'http://f/c', html_url: 'http://f/h', comments_url: 'http://f/k', author: null,
	committer: null, parents: [], commit: {url: 'http://f/c', author: who, committer: who, message: 'One',
		comment_count: 0, tree}};
const commits = `/repos/acme/app/commits?sha=${SHA}&per_page=100`;
const git_commit = {sha: SHA, node_id: 'C', url: 'http://f/c', html_url: 'http://f/h', author: who, committer: who, tree,
	message: 'One', parents: [], verification: {verified: false, reason: 'unsigned', signature: null, payload: null,
		verified_at: null}};
const comparison = {url: 'http://f/v', html_url: 'http://f/h', permalink_url: 'http://f/p', diff_url: 'http://f/d',
	patch_url: 'http://f/a', base_commit: listed, merge_base_commit: listed, status: 'ahead', ahead_by: 1, behind_by: 0,
	total_commits: 1, commits: [listed]};
const compare = `/repos/acme/app/compare/${SHA}...${SHA}?per_page=100&page=1`;
const entry = {path: 'a', mode: '100644', type: 'blob', sha: SHA};
const blob = {sha: SHA, node_id: 'B', url: 'http://f/b', size: 1, content: 'MQ==', encoding: 'base64'};
const git = (kind) => `/repos/acme/app/git/${kind}/${SHA}`;
const attempts = '/app/hook/deliveries/7/attempts';

function without(object, key) {
	const {[key]: gone, ...rest} = object;

	return rest;
}

// finds: '' nothing, 'request' or 'response'; where: a part of the place, or of what is said of it
const rows = [
	{says: 'a good status', path: post, body, answer: [201, status], finds: ''},
	{says: 'a state that is none', path: post, body: {...body, state: 'ok'}, answer: [201, status],
		finds: 'request', where: 'body.state'},
	{says: 'a field of the wrong type', path: post, body: {...body, context: 7}, answer: [201, status],
		finds: 'request', where: 'body.context'},
	{says: 'an unknown field', path: post, body: {...body, colour: 'red'}, answer: [201, status],
		finds: 'request', where: 'colour'},
	{says: 'no context', path: post, body: without(body, 'context'), answer: [201, status],
		finds: 'request', where: 'context'},
	{says: '141 characters', path: post, body: {...body, description: 'x'.repeat(141)}, answer: [201, status],
		finds: 'request', where: 'body.description'},
	{says: 'a page under another scheme', path: post, body: {...body, target_url: 'ftp://h/c'}, answer: [201, status],
		finds: 'request', where: 'body.target_url'},
	{says: 'an abbreviated commit', path: '/repos/acme/app/statuses/0123456', body, answer: [201, status],
		finds: 'request', where: 'path.sha'},
	{says: 'no Authorization', path: post, body, headers: {authorization: undefined}, answer: [201, status],
		finds: 'request', where: 'security'},
	{says: 'no User-Agent of ours', path: post, body, headers: {'user-agent': 'curl'}, answer: [201, status],
		finds: 'request', where: 'header.user-agent'},
	{says: 'another version of the API', path: post, body, headers: {'x-github-api-version': '2021-01-01'},
		answer: [201, status], finds: 'request', where: 'header.x-github-api-version'},
	{says: 'a status without its id', path: post, body, answer: [201, without(status, 'id')], finds: 'response',
		where: "'id'"},
	{says: 'a status without its creator', path: post, body, answer: [201, without(status, 'creator')],
		finds: 'response', where: "'creator'"},
	{says: 'a 200 where it is a 201', path: post, body, answer: [200, status], finds: 'response',
		where: 'status code'},
	{says: 'an error that is no object', path: post, body, answer: [422, ['no']], finds: 'response',
		where: 'object'},
	{says: 'a good branch', path: ref, answer: [200, tip], finds: ''},
	{says: 'a slash in a parameter', path: '/repos/acme/app/git/ref/heads/main', answer: [200, tip],
		finds: 'request', where: 'route not found'},
	{says: 'an unknown parameter', path: `${ref}?colour=red`, answer: [200, tip], finds: 'request',
		where: 'query.colour'},
	{says: 'an unknown operation', path: '/repos/acme/app/tags', answer: [200, []], finds: 'request',
		where: 'no operation'},
	{says: 'a branch without its commit', path: ref, answer: [200, without(tip, 'object')], finds: 'response',
		where: "'object'"},
	{says: 'not modified', path: ref, answer: [304, null], finds: ''},
	{says: 'an empty context', path: post, body: {...body, context: ''}, answer: [201, status], finds: 'request',
		where: 'body.context'},
	{says: 'statuses of a branch', path: '/repos/acme/app/commits/main/statuses', answer: [200, []], finds: 'request',
		where: 'path.ref'},
	{says: 'a token for everything', path: tokens, body: {}, answer: [401, {message: 'no'}], finds: 'request',
		where: 'permissions'},
	{says: 'moved', path: ref, answer: [301, {message: 'Moved Permanently', url: 'http://f/r'}], finds: ''},
	{says: 'moved, for a write', path: post, body, answer: [307, {message: 'no', url: 'http://f/r'}], finds: ''},
	{says: 'a bad token', path: post, body, answer: [401, {message: 'Bad credentials'}], finds: ''},
	{says: 'no right', path: post, body, answer: [403, {message: 'no'}], finds: ''},
	{says: 'no repository', path: post, body, answer: [404, {message: 'Not Found'}], finds: ''},
	{says: 'a rate limit', path: post, body, answer: [429, {message: 'slowly'}], finds: ''},
	{says: 'a forge that is unwell', path: post, body, answer: [503, ['no']], finds: ''},
	{says: 'a page of 101', path: '/repos/acme/app/pulls?per_page=101', answer: [200, []], finds: 'request',
		where: 'query.per_page'},
	{says: 'a number that is none', path: '/repos/acme/app/pulls/x', answer: [404, {message: 'Not Found'}],
		finds: 'request', where: 'path.pull_number'},
	{says: 'rights that the forge does not know', path: tokens, body: {permissions: {statuses: 'admin'}},
		answer: [401, {message: 'no'}], finds: 'request', where: 'body.permissions.statuses'},
	{says: 'a right that is null', path: tokens, body: {permissions: {statuses: null}}, answer: [401, {message: 'no'}],
		finds: 'request', where: 'body.permissions.statuses'},
	{says: 'one more attempt', method: 'POST', path: attempts, answer: [202, {}], finds: ''},
	{says: 'one more attempt, done at once', method: 'POST', path: attempts, answer: [200, {}], finds: 'response',
		where: 'status code'},
	{says: 'commits of strangers', path: commits, answer: [200, [listed]], finds: ''},
	{says: 'a commit of no known kind of person', path: commits, answer: [200, [{...listed, author: 7}]],
		finds: 'response', where: 'author'},
	{says: 'a listed commit without its parents', path: commits, answer: [200, [without(listed, 'parents')]],
		finds: 'response', where: "'parents'"},
	{says: 'commits of a branch', path: '/repos/acme/app/commits?sha=main', answer: [200, []], finds: 'request',
		where: 'query.sha'},
	{says: 'a good comparison', path: compare, answer: [200, comparison], finds: ''},
	{says: 'a comparison without its merge base', path: compare, answer: [200, without(comparison, 'merge_base_commit')],
		finds: 'response', where: "'merge_base_commit'"},
	{says: 'a comparison of a commit without its tree', path: compare, answer: [200, {...comparison, commits:
		[{...listed, commit: without(listed.commit, 'tree')}]}], finds: 'response', where: "'tree'"},
	{says: 'a comparison of branches', path: '/repos/acme/app/compare/main...other', answer: [200, comparison],
		finds: 'request', where: 'path.basehead'},
	{says: 'the commit of a branch', path: '/repos/acme/app/git/commits/main', answer: [200, git_commit],
		finds: 'request', where: 'path.commit_sha'},
	{says: 'the tree of a branch', path: '/repos/acme/app/git/trees/main', answer: [200, {...tree, tree: [],
		truncated: false}], finds: 'request', where: 'path.tree_sha'},
	{says: 'an abbreviated file', path: '/repos/acme/app/git/blobs/0123456', answer: [200, blob], finds: 'request',
		where: 'path.file_sha'},
	{says: 'a good commit', path: git('commits'), answer: [200, git_commit], finds: ''},
	{says: 'a commit without its tree', path: git('commits'), answer: [200, without(git_commit, 'tree')],
		finds: 'response', where: "'tree'"},
	{says: 'a commit of no time', path: git('commits'), answer: [200, {...git_commit, author: {...who, date: 'now'}}],
		finds: 'response', where: 'author.date'},
	{says: 'a good tree', path: git('trees'), answer: [200, {...tree, tree: [entry], truncated: false}], finds: ''},
	{says: 'a tree that does not say whether it is whole', path: git('trees'), answer: [200, {...tree, tree: [entry]}],
		finds: 'response', where: "'truncated'"},
	{says: 'an entry without its object', path: git('trees'), answer: [200, {...tree, tree: [without(entry, 'sha')],
		truncated: false}], finds: 'response', where: "'sha'"},
	{says: 'a good file', path: git('blobs'), answer: [200, blob], finds: ''},
	{says: 'a file without its encoding', path: git('blobs'), answer: [200, without(blob, 'encoding')],
		finds: 'response', where: "'encoding'"},
	{says: 'a right with another name', path: tokens, body: {permissions: {status: 'write'}},
		answer: [401, {message: 'no'}], finds: 'request', where: 'status'},
];

function ask(gateway, world, row) {
	const bytes = row.body ? JSON.stringify(row.body) : '';
	const headers = {authorization: 'Bearer t', 'user-agent': 'headgate/test', 'x-github-api-version': '2022-11-28',
		...(bytes ? {'content-type': 'application/json', 'content-length': Buffer.byteLength(bytes)} : {}), ...row.headers};

	for (const [name, value] of Object.entries(headers))
		if (value === undefined)
			delete headers[name];
	return new Promise((resolve, reject) => {
		const request = http.request(`${gateway.front_url}/${world}${row.path}`,
			{method: row.method || (row.body ? 'POST' : 'GET'), headers, agent: false});

		request.on('error', reject);
		request.on('response', (answer) => answer.resume().on('end', () => resolve(answer.statusCode)));
		request.end(bytes);
	});
}

// What is wrong with the finding; null: nothing.
async function play(gateway, ledger, world, row) {
	const got = await ask(gateway, world, row);
	const [exchange] = ledger.take(world), found = exchange.violations;

	if (got !== row.answer[0])
		return `${row.says}: the answer is ${got}, not ${row.answer[0]}`;
	if (found.some((one) => one.side !== row.finds))
		return `${row.says}: is found wrong: ${JSON.stringify(found)}`;
	return row.finds === '' || found.some((one) => `${one.where} ${one.what}`.includes(row.where)) ? null :
		`${row.says}: is not found: ${JSON.stringify(found)}`;
}

// The list of what it does not see.
async function run(gateway, ledger) {
	const blind = [], all = rows.concat(each.rows(gateway.description));
	let answer = null;
	const world = http.createServer((request, response) => {
		const [code, value] = answer;

		request.resume();
		response.writeHead(code, value === null ? {} : {'content-type': 'application/json; charset=utf-8'});
		response.end(value === null ? undefined : JSON.stringify(value));
	});

	await new Promise((resolve) => world.listen(0, '127.0.0.1', resolve));
	for (const row of all) {
		answer = row.answer;
		const wrong = await play(gateway, ledger, world.address().port, row);

		if (wrong)
			blind.push(`self-test: ${wrong}`);
	}
	world.closeAllConnections();
	world.close();
	console.log(`self-test: ${all.length - blind.length} of ${all.length} as expected`);
	return blind;
}

module.exports = {run};

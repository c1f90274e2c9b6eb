/** GraphQL Yoga as its documentation shows it, over one SQL statement. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSchema, createYoga } from 'graphql-yoga';
import { announce } from '../child.ts';
import { boardResolvers, boardTypes } from './board-query.ts';

const yoga = createYoga({ logging: false, schema: createSchema({ typeDefs: boardTypes, resolvers: boardResolvers }) });
const server = createServer((request, response) => void yoga(request, response));
server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port));

/**
 * PostGraphile 5 with its Amber preset over the gateway's tables. What the database does not say is said as its documentation shows:
 * a virtual foreign key to the event type, and conditions for a range of starts.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { postgraphile } from 'postgraphile';
import { TYPES } from 'postgraphile/@dataplan/pg';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { addPgTableCondition, jsonPgSmartTags } from 'postgraphile/utils';
import { announce } from '../child.ts';

const { DATABASE_URL = '' } = process.env;

const startsWhen = (name: string, operator: '>=' | '<') =>
  addPgTableCondition(
    { schemaName: 'public', tableName: 'Appointment' },
    name,
    (build) => ({ type: build.graphql.GraphQLString }),
    (value, { sql, sqlTableAlias, sqlValueWithCodec }) =>
      sql`${sqlTableAlias}."startsAt" ${operator === '<' ? sql`<` : sql`>=`} ${sqlValueWithCodec(value, TYPES.timestamptz)}`,
  );

const eventType = jsonPgSmartTags({
  version: 1,
  config: {
    class: {
      'public."Appointment"': {
        tags: { foreignKey: '("calcomEventTypeId") references public."CalcomEventType" ("id")|@fieldName eventType' },
      },
    },
  },
});

/** Unknown to it, and asked for by nobody: without this each table that has it is a page of warnings. */
const transactionIds: GraphileConfig.Plugin = {
  name: 'TransactionIds',
  version: '1.0.0',
  gather: {
    hooks: {
      pgCodecs_findPgCodec(_info, event) {
        if (event.pgType.typname === 'xid8') event.pgCodec ??= TYPES.text;
      },
    },
  },
};

const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  plugins: [transactionIds, eventType, startsWhen('startsAfter', '>='), startsWhen('startsBefore', '<')],
  pgServices: [makePgService({ connectionString: DATABASE_URL, schemas: ['public'], poolConfig: { max: 10 } })],
  grafserv: { graphqlPath: '/graphql', watch: false },
});
const server = createServer();
await instance.createServ(grafserv).addTo(server);
server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port));

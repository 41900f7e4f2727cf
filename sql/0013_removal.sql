-- People who leave the directory take their tokens with them.
SET LOCAL ROLE reeve_owner;

GRANT DELETE ON reeve.api_token TO reeve_engine;

RESET ROLE;

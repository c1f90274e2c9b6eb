export const controlPage = (): string => '<!doctype html><title>Sandbox</title>';

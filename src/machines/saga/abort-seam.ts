export const abort = (id: string): { type: string; params: Record<string, string> } => ({ type: 'millrace.abort', params: { id } });

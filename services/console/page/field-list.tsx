import type { SchemaField } from './schema-fields.ts';

/** Fields within fields. */
export function FieldList({ fields }: { readonly fields: readonly SchemaField[] }) {
  if (fields.length === 0) return null;
  return (
    <ul class="fields">
      {fields.map(({ name, type, isRequired, doc, fields: inside }) => (
        <li key={name}>
          <code class="field-name">{name}</code>{' '}
          <span class="quiet">
            {type}
            {!isRequired && ', may be missing or null'}
          </span>
          {doc !== '' && <span class="field-doc">{doc}</span>}
          <FieldList fields={inside} />
        </li>
      ))}
    </ul>
  );
}

/** `code` within a text. */
export const Prose = ({ text }: { readonly text: string }) => (
  <>{text.split('`').map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}</>
);

import TestSupport
import Testing

/// A library that writes stores in the tests: a script that writes, and how Python reads one file.
struct Library: CustomTestStringConvertible, Sendable {
  let name: String
  let environment: PythonEnvironment
  /// Writes stores into `folder` and prints what the library reads from each.
  let script: String
  /// Writes one small store into `folder`, the file `file` of which is damaged.
  let small: String
  let file: String
  /// Defines `read(data)`, which returns the rows of the damaged file as Python reads them.
  let reading: String

  var testDescription: String { name }

  /// The number of units of the last place by which the library's vectors may differ from those in
  /// the file, because it works on them when it loads the file.
  var ulps = 0

  static let all = [langChain, nano, llamaIndex, springAI, haystack, sklearn, lines, csv]
}

extension Library {
  private static let langChainClass = """
    from langchain_core.vectorstores import InMemoryVectorStore
    from langchain_core.embeddings import Embeddings
    from langchain_core.documents import Document
    class Prepared(Embeddings):
        def __init__(self): self.vectors = []
        def embed_documents(self, texts): return [self.vectors.pop(0) for _ in texts]
        def embed_query(self, text): return self.vectors.pop(0)
    def add(store, rows):
        store.embedding.vectors += [v for _, _, _, v in rows]
        store.add_documents([Document(page_content=t, metadata=m) for _, t, m, _ in rows],
                            ids=[i for i, _, _, _ in rows])
    def rows_of(path):
        store = InMemoryVectorStore.load(path, Prepared())
        return [row(k, d['text'], d['metadata'], d['vector']) for k, d in store.store.items()]

    """

  static let langChain = Library(
    name: "langchain-memory", environment: .clients,
    script: langChainClass + """
      store = InMemoryVectorStore(Prepared())
      all = documents(40)
      add(store, all)
      store.delete(ids=[all[3][0], all[9][0]])
      add(store, [(all[5][0], 'new text', {'lc': 5, 'deep': [{'lc': 1, 'type': 'x', 'id': []}]}, [2.0] * 8)])
      add(store, [('k', 'wrapped', {'__lc_escaped__': {'a': 1}}, [3.0] * 8)])
      add(store, [('l', 'deep', {'a': [{'lc': 1}, {'b': {'__lc_escaped__': 2}}]}, [4.0] * 8)])
      path = folder + '/notes.json'
      store.dump(path)
      print(json.dumps({'notes': rows_of(path)}))
      """,
    small: langChainClass + """
      store = InMemoryVectorStore(Prepared())
      add(store, [(i, t, m, v[:3]) for i, t, m, v in documents(4)])
      store.dump(folder + '/notes.json')
      print('{}')
      """,
    file: "notes.json",
    reading: """
      def read(data):
          data = json.loads(data)
          assert all(k == d['id'] for k, d in data.items())
          return [row(k, d['text'], joined(d, 'metadata', 'id', 'text', 'vector'), d['vector'])
                  for k, d in data.items()]
      """)

  static let nano = Library(
    name: "nano-vectordb", environment: .clients,
    script: """
      import os
      import numpy as np
      from nano_vectordb import NanoVectorDB
      def make(path, rows):
          db = NanoVectorDB(8, storage_file=path)
          db.upsert([{'__id__': i, '__vector__': np.array(v, dtype=np.float32), 'content': t, **m}
                     for i, t, m, v in rows if t])
          return db
      def rows_of(path):
          db = NanoVectorDB(8, storage_file=path)
          data = db._NanoVectorDB__storage
          return [row(d['__id__'], d['content'],
                      {k: v for k, v in d.items() if k not in ('__id__', 'content')}, v)
                  for d, v in zip(data['data'], data['matrix'].tolist())]
      all = documents(40)
      path = folder + '/plain.json'
      db = make(path, all)
      db.delete([all[3][0], all[9][0]])
      db.upsert([{'__id__': all[5][0], '__vector__': np.ones(8, dtype=np.float32), 'content': 'new'}])
      db.save()
      os.mkdir(folder + '/rag')
      make(folder + '/rag/vdb_chunks.json', all[:5]).save()
      make(folder + '/rag/vdb_entities.json', all[5:8]).save()
      print(json.dumps({'plain': rows_of(path), 'rag/chunks': rows_of(folder + '/rag/vdb_chunks.json'),
                        'rag/entities': rows_of(folder + '/rag/vdb_entities.json')}))
      """,
    small: """
      import numpy as np
      from nano_vectordb import NanoVectorDB
      db = NanoVectorDB(3, storage_file=folder + '/plain.json')
      db.upsert([{'__id__': i, '__vector__': np.array(v[:3], dtype=np.float32), 'content': t, **m}
                 for i, t, m, v in documents(4)])
      db.save()
      print('{}')
      """,
    file: "plain.json",
    reading: """
      import base64
      def read(data):
          data = json.loads(data)
          matrix = base64.b64decode(data['matrix'])
          dim = data['embedding_dim']
          numbers = struct.unpack('<' + str(len(matrix) // 4) + 'f', matrix)
          rows = [list(numbers[i:i + dim]) for i in range(0, len(numbers), dim)]
          assert len(rows) == len(data['data'])
          return [row(d['__id__'], d.get('content') or '',
                      {k: v for k, v in d.items() if k not in ('__id__', 'content')}, v)
                  for d, v in zip(data['data'], rows)]
      """,
    // The library divides each vector by its length again.
    ulps: 2)

  private static let nodes = """
    from llama_index.core.schema import TextNode
    from llama_index.core import StorageContext
    from llama_index.core.vector_stores import SimpleVectorStore
    from llama_index.core.storage.docstore import SimpleDocumentStore
    def add(context, rows, namespace='default'):
        nodes = [TextNode(id_=i, text=t, metadata=m, embedding=v) for i, t, m, v in rows]
        context.vector_stores[namespace].add(nodes)
        for node in nodes: node.embedding = None
        context.docstore.add_documents(nodes)
    def rows_of(context, namespace='default'):
        data = context.vector_stores[namespace].data.embedding_dict
        return [row(i, context.docstore.get_document(i).text,
                    context.docstore.get_document(i).metadata, v) for i, v in data.items()]

    """

  static let llamaIndex = Library(
    name: "llamaindex", environment: .clients,
    script: nodes + """
      context = StorageContext.from_defaults()
      context.add_vector_store(SimpleVectorStore(), 'second')
      all = [d for d in documents(40) if d[1]]
      add(context, all[:30])
      add(context, all[30:], 'second')
      context.vector_store.data.embedding_dict.pop(all[3][0])
      context.persist(folder + '/library')
      again = StorageContext.from_defaults(persist_dir=folder + '/library')
      print(json.dumps({'library': rows_of(again), 'library/second': rows_of(again, 'second')}))
      """,
    small: nodes + """
      context = StorageContext.from_defaults()
      add(context, [(i, t, m, v[:3]) for i, t, m, v in documents(3)])
      context.persist(folder + '/library')
      print('{}')
      """,
    file: "library/default__vector_store.json",
    reading: """
      nodes = json.load(open(folder + '/library/docstore.json'))['docstore/data']
      def text(node):
          node = node['__data__']
          return node['text'] if 'text' in node else node['text_resource']['text']
      def read(data):
          return [row(i, text(nodes[i]), nodes[i]['__data__']['metadata'], v)
                  for i, v in json.loads(data)['embedding_dict'].items()]
      """)

  /// The form of Spring AI's file, as its source defines it.
  static let springAI = Library(
    name: "spring-ai", environment: .oracle,
    script: """
      all = [d for d in documents(20) if d[1]]
      new = {i: {'id': i, 'text': t, 'metadata': m, 'embedding': v} for i, t, m, v in all}
      old = {i: {'id': i, 'content': t, 'metadata': m, 'embedding': v, 'media': None} for i, t, m, v in all}
      json.dump(new, open(folder + '/new.json', 'w'), indent=2)
      json.dump(old, open(folder + '/old.json', 'w'), ensure_ascii=False)
      rows = [row(*d) for d in all]
      print(json.dumps({'new': rows, 'old': rows}))
      """,
    small: """
      rows = {i: {'id': i, 'text': t, 'metadata': m, 'embedding': v[:3]} for i, t, m, v in documents(4)}
      json.dump(rows, open(folder + '/new.json', 'w'))
      print('{}')
      """,
    file: "new.json",
    reading: """
      def read(data):
          data = json.loads(data)
          assert all(k == d['id'] for k, d in data.items())
          return [row(d['id'], d['text'], joined(d, 'metadata', 'id', 'text', 'embedding'),
                      d['embedding']) for d in data.values()]
      """)

  /// The form of Haystack's file, as its source defines it.
  static let haystack = Library(
    name: "haystack", environment: .oracle,
    script: """
      all = [d for d in documents(20) if d[1]]
      store = {'type': 'haystack.document_stores.in_memory.document_store.InMemoryDocumentStore',
               'init_parameters': {'index': 'x', 'return_embedding': True},
               'documents': [{'id': i, 'content': t, 'blob': None, 'meta': m, 'score': None,
                              'embedding': v, 'sparse_embedding': None} for i, t, m, v in all]}
      json.dump(store, open(folder + '/hay.json', 'w'))
      print(json.dumps({'hay': [row(*d) for d in all]}))
      """,
    small: """
      store = {'type': 'a.InMemoryDocumentStore', 'init_parameters': {},
               'documents': [{'id': i, 'content': t, 'meta': m, 'embedding': v[:3], 'score': None}
                             for i, t, m, v in documents(4)]}
      json.dump(store, open(folder + '/hay.json', 'w'))
      print('{}')
      """,
    file: "hay.json",
    reading: """
      def read(data):
          data = json.loads(data)
          for d in data['documents']:
              if d.get('score', 1) is None: del d['score']
          return [row(d['id'], d['content'], joined(d, 'meta', 'id', 'content', 'embedding'),
                      d['embedding']) for d in data['documents']]
      """)

  /// The form of the file of LangChain's SKLearnVectorStore, as its source defines it.
  static let sklearn = Library(
    name: "sklearn", environment: .oracle,
    script: """
      def write(path, all):
          json.dump({'ids': [d[0] for d in all], 'texts': [d[1] for d in all],
                     'metadatas': [d[2] for d in all], 'embeddings': [d[3] for d in all]}, open(path, 'w'))
      all = [d for d in documents(20) if d[1]]
      write(folder + '/sk.json', all)
      print(json.dumps({'sk': [row(*d) for d in all]}))
      """,
    small: """
      all = documents(4)
      json.dump({'ids': [d[0] for d in all], 'texts': [d[1] for d in all],
                 'metadatas': [d[2] for d in all], 'embeddings': [d[3][:3] for d in all]},
                open(folder + '/sk.json', 'w'))
      print('{}')
      """,
    file: "sk.json",
    reading: """
      def read(data):
          d = json.loads(data)
          lists = [d['ids'], d['texts'], d['metadatas'], d['embeddings']]
          assert len({len(x) for x in lists}) == 1
          return [row(*x) for x in zip(*lists)]
      """)

  /// JSON lines, with the names that most people use.
  static let lines = Library(
    name: "jsonl", environment: .oracle,
    script: """
      all = [d for d in documents(20) if d[1]]
      with open(folder + '/rows.jsonl', 'w') as file:
          for i, t, m, v in all:
              json.dump({'id': i, 'text': t, 'embedding': v, 'metadata': m, 'source': 'a'}, file)
              file.write('\\n')
      with open(folder + '/other.ndjson', 'w') as file:
          for i, t, m, v in all:
              json.dump({'doc_id': i, 'vector': v, 'page_content': t, **m}, file, ensure_ascii=False)
              file.write('\\r\\n')
      print(json.dumps({'rows': [row(i, t, {**m, 'source': 'a'}, v) for i, t, m, v in all],
                        'other': [row(*d) for d in all]}))
      """,
    small: """
      with open(folder + '/rows.jsonl', 'w') as file:
          for i, t, m, v in documents(4):
              json.dump({'id': i, 'text': t, 'metadata': m, 'embedding': v[:3]}, file)
              file.write('\\n')
      print('{}')
      """,
    file: "rows.jsonl",
    reading: """
      def read(data):
          rows = [json.loads(line) for line in data.split(b'\\n') if line.strip()]
          return [row(d.get('id'), d.get('text') or '', joined(d, 'metadata', 'id', 'text', 'embedding'),
                      d['embedding']) for d in rows]
      """)

  /// CSV, as Python's module writes it.
  static let csv = Library(
    name: "csv", environment: .oracle,
    script: """
      import csv
      all = [d for d in documents(20) if d[1]]
      with open(folder + '/rows.csv', 'w', newline='', encoding='utf-8') as file:
          out = csv.writer(file)
          out.writerow(['id', 'text', 'metadata', 'embedding', 'source, "quoted"'])
          for i, t, m, v in all: out.writerow([i, t, json.dumps(m), json.dumps(v), 'a'])
      with open(folder + '/bom.csv', 'w', newline='', encoding='utf-8-sig') as file:
          out = csv.writer(file, lineterminator='\\n', quoting=csv.QUOTE_ALL)
          out.writerow(['vector', 'uuid', 'content'])
          for i, t, m, v in all: out.writerow([json.dumps(v), i, t])
      print(json.dumps({'rows': [row(i, t, {**m, 'source, "quoted"': 'a'}, v) for i, t, m, v in all],
                        'bom': [row(i, t, {}, v) for i, t, m, v in all]}))
      """,
    small: """
      import csv
      with open(folder + '/rows.csv', 'w', newline='', encoding='utf-8') as file:
          out = csv.writer(file)
          out.writerow(['id', 'text', 'metadata', 'embedding'])
          for i, t, m, v in documents(4): out.writerow([i, t, json.dumps(m), json.dumps(v[:3])])
      print('{}')
      """,
    file: "rows.csv",
    reading: """
      import csv, io
      def read(data):
          records = csv.reader(io.StringIO(data.decode('utf-8'), newline=''), strict=True)
          records = [r for r in records if r]
          rows = []
          for r in records[1:]:
              assert len(r) == len(records[0])
              d = dict(zip(records[0], r))
              v = json.loads(d.pop('embedding'))
              m = d.get('metadata', '')
              if m[:1] == '{': d['metadata'] = json.loads(m)
              i, t = d.pop('id', None), d.pop('text', '')
              if isinstance(d.get('metadata'), dict): d = joined(d, 'metadata')
              rows.append(row(i, t, d, v))
          return rows
      """)
}

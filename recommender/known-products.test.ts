import { describe, expect, test } from 'vitest'
import { Interner } from './interner.ts'
import { KnownProducts } from './known-products.ts'

const FACTS = { title: '', category: [], priceMinor: 100, currency: 'GBP', brand: '', stock: null }

function productsOf(capacity = 10) {
  const items = new Interner(capacity)
  return { items, products: new KnownProducts(items) }
}

describe('what is known of products', () => {
  test('is the newest that the catalogue said', () => {
    const { items, products } = productsOf()
    products.upsert('a', { ...FACTS, title: 'Old' })
    products.upsert('a', { ...FACTS, title: 'New' })
    expect(products.facts(items.find('a') ?? -1)?.title).toBe('New')
  })

  test('says whether it is sold: not when removed, not without stock, else yes', () => {
    const { items, products } = productsOf()
    products.upsert('gone', FACTS)
    products.remove('gone')
    products.upsert('out', { ...FACTS, stock: 0 })
    products.upsert('few', { ...FACTS, stock: 1 })
    products.upsert('untracked', FACTS)
    items.intern('by event')
    products.remove('never sold')
    const sold = ['gone', 'out', 'few', 'untracked', 'by event', 'never sold'].map((id) =>
      products.isSold(items.find(id) ?? -1),
    )
    expect(sold).toEqual([false, false, true, true, true, false])
    products.upsert('gone', FACTS)
    expect(products.isSold(items.find('gone') ?? -1)).toBe(true)
  })

  test('has no place for more products than the limit, and says so', () => {
    const { products } = productsOf(1)
    expect([products.upsert('a', FACTS), products.upsert('b', FACTS)]).toEqual([true, false])
    expect(products.upsert('a', FACTS)).toBe(true)
  })

  test('comes in order: the catalogue first, then what is known by events alone', () => {
    const { items, products } = productsOf()
    for (const id of ['seen', 'a', 'also seen', 'b']) items.intern(id)
    products.upsert('b', FACTS)
    products.upsert('a', FACTS)
    const inOrder = [...products.inOrder()].map((item) => items.text(item))
    expect(inOrder).toEqual(['a', 'b', 'seen', 'also seen'])
  })
})

test('a list may hold what is sold, not excluded, and of the category asked for at any level', () => {
  const { items, products } = productsOf()
  products.upsert('rake', { ...FACTS, category: ['garden', 'tools'] })
  products.upsert('hose', { ...FACTS, category: ['garden'] })
  products.upsert('out', { ...FACTS, category: ['garden'], stock: 0 })
  items.intern('by event')
  const allowed = (exclude: readonly number[], category?: string) => {
    const may = products.allowedBy({ exclude: new Set(exclude), category })
    return [...products.inOrder()].filter(may).map((item) => items.text(item))
  }
  expect(allowed([])).toEqual(['rake', 'hose', 'by event'])
  expect(allowed([0])).toEqual(['hose', 'by event'])
  expect(allowed([], 'garden')).toEqual(['rake', 'hose'])
  expect(allowed([], 'tools')).toEqual(['rake'])
  expect(allowed([], 'Tools')).toEqual([])
})

resource "terraform_data" "a" {
  for_each = toset([{ a = 1 }, { a = 2 }])
  input    = each.key
}

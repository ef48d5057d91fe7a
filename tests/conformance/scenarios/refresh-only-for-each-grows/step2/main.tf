resource "terraform_data" "e" { for_each = toset(["a", "b"]) }
output "q" { value = keys(terraform_data.e) }
output "l" { value = { for k, v in terraform_data.e : k => v.id } }

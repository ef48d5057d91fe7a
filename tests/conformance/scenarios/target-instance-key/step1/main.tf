resource "terraform_data" "b" { 
  for_each = toset(["x", "y"])
  input = each.key
}
output "o" { value = [for k, v in terraform_data.b : v.input] }

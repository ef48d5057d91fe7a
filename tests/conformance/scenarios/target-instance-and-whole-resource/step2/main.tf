resource "terraform_data" "e" { 
  for_each = { a = 1, c = 2 } 
  input = "n"
}
output "k" { value = keys(terraform_data.e) }

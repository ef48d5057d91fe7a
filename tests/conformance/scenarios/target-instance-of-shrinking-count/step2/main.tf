resource "terraform_data" "e" { 
  count = 2
  input = 1
}
output "k" { value = length(terraform_data.e) }

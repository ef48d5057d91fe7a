resource "terraform_data" "x" { 
  for_each = {}
  input = each.value.nope
}
